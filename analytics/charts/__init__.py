"""Report rows to plotly figures, a function each; the only floor with plotly."""
