"""The wallet's edge beyond reading it: payments, alerts, promotion codes."""
