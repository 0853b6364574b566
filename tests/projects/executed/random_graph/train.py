import json

import networkx as nx
import numpy as np

graph = nx.gnp_random_graph(12, 0.4)
places = nx.spring_layout(graph, iterations=3)
colours = np.random.randint(0, 3, graph.number_of_nodes())
with open("graph.json", "w") as file:
    json.dump({"edges": sorted(graph.edges), "colours": colours.tolist(), "first": places[0].tolist()}, file)
print(sorted(graph.edges)[:3], colours)
