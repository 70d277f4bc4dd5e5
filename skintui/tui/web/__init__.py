"""The application in a browser: one page, and a process of the application for each that opens it."""
