"""`python -m modelcheck` is the command `modelcheck`."""

from modelcheck.cli.main import main

if __name__ == "__main__":
    main()
