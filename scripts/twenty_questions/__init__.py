"""Twenty questions of users, each asked of a real server and answered once more from the raw lists.

A server is filled with real lists by `llmanac import`. What it answers must be, row for row, what a few lines of plain
Python make of the same files; `proofs` holds them and imports nothing of llmanac.

python -m scripts.twenty_questions              print docs/guides/twenty-questions.md, made of ../shared/data/snapshots
python -m scripts.twenty_questions FOLDER       of the same lists in another place
python -m scripts.twenty_questions --write      write it
"""
