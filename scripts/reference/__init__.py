"""Makes `docs/reference/` from the code: settings, commands, routes and fields, each page from the table the code uses.

python -m scripts.reference            write the pages
python -m scripts.reference --check    are the pages what the code says? Exit 1 names those that are not
"""
