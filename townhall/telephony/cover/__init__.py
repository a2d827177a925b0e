"""Cover: who answers when, who is away and who has their work, half-hours that nobody covers, and who is signed in."""
