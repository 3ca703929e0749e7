"""Run gaupt from a clone: ``python cli.py prepare …``."""

from gaupt.cli import main

if __name__ == "__main__":
    main()
