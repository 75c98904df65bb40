"""Drawings and charts as plain data: SVG, HTML, Plotly and ECharts dicts. Nothing here draws by itself."""
