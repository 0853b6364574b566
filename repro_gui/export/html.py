def render(report): return b''
