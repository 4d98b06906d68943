"""Each shape with what satisfies it and what breaks each of its constraints."""
