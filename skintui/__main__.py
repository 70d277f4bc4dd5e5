"""``python -m skintui``: the same command line as the ``skintui`` entry point."""

from skintui.cli.main import main

if __name__ == "__main__":
    main()
