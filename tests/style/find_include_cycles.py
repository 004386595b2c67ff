#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""find_include_cycles.py [--graph] ROOT ROOM...: folders of a room that include each other in a circle.

A folder is a directory with sources below ROOT/ROOM; files directly in the room are the folder ".". Prints
each cycle with the includes that make it, and exits 1 if there is one. --graph prints which folder includes
which instead.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
SUFFIXES = {".cpp", ".h", ".c"}


def folder_of(path, room):
    """The folder of a file below the room: "agent/flows/x.h" -> "flows", "agent/x.h" -> "."."""
    parent = pathlib.PurePosixPath(path).parent
    return str(parent.relative_to(room)) if parent.is_relative_to(room) else None


def read_graph(root, room):
    """{folder: {included folder: ["file includes file", ...]}}; without a folder's own includes."""
    graph = {}
    for file in sorted((root / room).rglob("*")):
        if file.suffix not in SUFFIXES:
            continue
        name = file.relative_to(root).as_posix()
        edges = graph.setdefault(folder_of(name, room), {})
        for included in INCLUDE.findall(file.read_text(errors="replace")):
            other = folder_of(included, room)
            if other is not None and other != folder_of(name, room):
                edges.setdefault(other, []).append(f"{name} includes {included}")
    return graph


def find_cycles(graph):
    """The strongly connected components of more than one folder (Tarjan), each sorted."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph.get(node, {})):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            component = stack[stack.index(node):]
            del stack[stack.index(node):]
            if len(component) > 1:
                found.append(sorted(component))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def main(arguments):
    show = "--graph" in arguments
    names = [argument for argument in arguments if argument != "--graph"]
    root, rooms = pathlib.Path(names[0]), names[1:]
    good = True
    for room in rooms:
        graph = read_graph(root, room)
        if show:
            for folder, edges in sorted(graph.items()):
                print(f"{room}/{folder}: {' '.join(sorted(edges))}")
        for cycle in find_cycles(graph):
            good = False
            print(f"{room}: a cycle of folders: {' '.join(cycle)}")
            for folder in cycle:
                for other in cycle:
                    for include in graph.get(folder, {}).get(other, [])[:3]:
                        print(f"  {include}")
    return 0 if good or show else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
