"""The screens; a style sheet of the same name lies beside each."""
