"""The model as data, and the lint that guards it."""
