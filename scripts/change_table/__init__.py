"""What the rules of docs/concepts/causes.md make of real lists: writes the figures of that page.

The lists go into a store of their own by the way `llmanac import` takes; changes and labels are read back from it.

python -m scripts.change_table              print the figures of ../shared/data/snapshots
python -m scripts.change_table FOLDER       of other lists, all of one series
python -m scripts.change_table --write      put them into the page, between its two marker comments
"""
