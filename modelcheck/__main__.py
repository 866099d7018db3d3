"""`python -m modelcheck` is the command `modelcheck`."""

from modelcheck.cli.entry import main

if __name__ == "__main__":
    main()
