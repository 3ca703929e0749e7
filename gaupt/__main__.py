"""``python -m gaupt``."""

from gaupt.cli import main

if __name__ == "__main__":
    main()
