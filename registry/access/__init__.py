"""Who asks, and what they may: pure decisions. Tokens, sessions and keys are no matter of this room."""
