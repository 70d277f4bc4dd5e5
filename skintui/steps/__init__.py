"""The verbs both front ends call: they report through :class:`~skintui.progress.Progress`, never print, write whole."""
