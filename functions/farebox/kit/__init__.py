"""Small types that everything uses: money, ids, calendar periods, e-mail addresses."""
