"""The composition root: the only place where concrete classes meet. No rule and no route lives here."""
