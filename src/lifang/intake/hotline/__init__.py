"""The 12345 hotline: orders in by table or API, results and ratings out and back."""
