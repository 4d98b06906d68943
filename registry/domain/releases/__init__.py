"""Releases of the model: one compiled, two compared, what one means for what is stored. Services publish them."""
