#!/usr/bin/python3
"""Tests of tools/check_includes, check_co_await and check_paths."""
import contextlib
import importlib.machinery
import importlib.util
import pathlib
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parent.parent.parent / "tools"
sys.dont_write_bytecode = True


def tool(name: str):
    loader = importlib.machinery.SourceFileLoader(name, str(TOOLS / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


@contextlib.contextmanager
def tree(files: dict):
    """A small repository in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        yield pathlib.Path(folder)


MODULES = {
    "src/base/CMakeLists.txt": "trustee_module(NAME base LAYER 0)",
    "src/base/base.h": "",
    "src/codec/CMakeLists.txt": "trustee_module(NAME codec LAYER 1 EXTERNAL lib)  # DEPS kv",
    "src/codec/json.h": "",
    "src/codec/internal/x.h": "",
    "src/kv/CMakeLists.txt": "trustee_module(NAME kv LAYER 1)",
    "src/kv/store.h": "",
    "src/snp/CMakeLists.txt": "trustee_module(NAME snp LAYER 4\n  DEPS crypto\n  CONCURRENT)",
    "src/crypto/CMakeLists.txt": "trustee_module(NAME crypto LAYER 2 DEPS codec)\n"
                                 "target_link_libraries(crypto_test PRIVATE x trustee_kv)",
    "tests/support/case.h": "",
}


class Includes(unittest.TestCase):
    def breaches(self, name: str, text: str) -> list:
        with tree({**MODULES, name: text}) as root:
            return tool("check_includes").breaches(root)

    def test_allows_declared_modules_and_what_they_reach(self):
        text = '#include "base/base.h"\n#include "codec/json.h"\n#include <vector>\n'
        self.assertEqual(self.breaches("src/snp/a.cc", text), [])
        self.assertEqual(self.breaches("fuzz/snp/a.cc", text), [])
        self.assertEqual(self.breaches("bench/snp_bench.cc", text), [])

    def test_refuses_what_is_not_declared(self):
        for name in ("src/snp/a.cc", "src/snp/internal/a.h", "fuzz/snp/a.cc", "src/codec/a.h"):
            found = self.breaches(name, '  # include "kv/store.h"')
            self.assertEqual(len(found), 1, name)
            self.assertIn("does not depend on kv", found[0])

    def test_refuses_upward_includes(self):
        self.assertEqual(len(self.breaches("src/base/a.h", '#include "codec/json.h"')), 1)

    def test_refuses_internals_of_others(self):
        self.assertEqual(len(self.breaches("src/snp/a.cc", '#include "codec/internal/x.h"')), 1)
        self.assertEqual(self.breaches("src/codec/a.cc", '#include "codec/internal/x.h"'), [])

    def test_refuses_headers_that_do_not_exist(self):
        self.assertEqual(len(self.breaches("src/snp/a.cc", '#include "codec/none.h"')), 1)

    def test_keeps_test_support_to_tests(self):
        self.assertEqual(len(self.breaches("src/snp/a.cc", '#include "tests/support/case.h"')), 1)
        self.assertEqual(self.breaches("src/snp/a_test.cc", '#include "tests/support/case.h"'), [])
        self.assertEqual(self.breaches("src/snp/test_data.h", '#include "tests/support/case.h"'), [])
        self.assertEqual(len(self.breaches("src/snp/a_test.cc", '#include "tests/support/no.h"')), 1)

    def test_lets_tests_use_what_only_the_test_is_linked_with(self):
        self.assertEqual(self.breaches("src/crypto/a_test.cc", '#include "kv/store.h"'), [])
        self.assertEqual(len(self.breaches("src/crypto/a.cc", '#include "kv/store.h"')), 1)

    def test_lets_programs_wire_everything(self):
        self.assertEqual(self.breaches("src/apps/kbs/main.cc", '#include "kv/store.h"\n#include "apps/kbs/a.h"'),
                         ["src/apps/kbs/main.cc: includes apps/kbs/a.h, which does not exist"])

    def test_reports_sources_that_no_module_declares(self):
        self.assertEqual(len(self.breaches("src/lost/a.cc", "")), 1)


class CoAwait(unittest.TestCase):
    GOOD = [
        "co_await f(x);", "auto a = co_await f(x, g(y));", "CO_TRY(auto d, co_await fetch(url));",
        "if (co_await f()) { g(); }", "Task<void> t() { co_await f(); }", "x = co_await f(a[i], b[0]);",
        "// co_await f({1}) ? a : b\n", 'log("co_await f({1})");', "Awaiter operator co_await() { return {}; }",
        "auto t = [&]() -> Task<void> { co_await f(); };", "co_await f(std::move(v)); co_await g();",
        "while (!done) { const bool ok = co_await f(); if (ok) { g(); } }",
        "case kind::a: { co_await f(); break; }", "else { co_await f(); }",
        "CO_TRY(a, co_await f(x));\nCO_TRY(b, co_await g(y));",
    ]
    BAD = [
        "co_await f({.n = 3});", "co_await f(Agg{a, b});", "co_await call([s] { g(s); });",
        "Agg g{co_await a(), 1};", "auto x = c ? co_await f() : T();", "x = co_await f(c ? a : b);",
        "f(co_await a(), co_await b());", "return co_await f(T{1});", "co_await f(a, [&](int n) -> int (n));",
        "std::vector<T> v{co_await a()};", "co_await f(\n  x,\n  {1});", "CO_TRY(auto d, co_await fetch({1}));",
        "auto x = co_await a() + co_await b();",
    ]

    def test_passes_the_good_shapes(self):
        for text in self.GOOD:
            self.assertEqual(list(tool("check_co_await").complaints(text)), [], text)

    def test_finds_the_bad_shapes(self):
        for text in self.BAD:
            self.assertNotEqual(list(tool("check_co_await").complaints(text)), [], text)

    def test_counts_lines(self):
        self.assertEqual(list(tool("check_co_await").complaints("// {\n\nco_await f({1});"))[0][0], 3)


class Paths(unittest.TestCase):
    def missing(self, text: str, page: str = "docs/page.md") -> list:
        files = {"src/codec/json.h": "", "scripts/test": "", "docs/other.md": "", "tools/x.py": "", page: text}
        with tree(files) as root:
            return tool("check_paths").missing(root, [root / page])

    def test_passes_what_exists(self):
        text = ("See `src/codec/json.h`, `codec/json.h`, scripts/test. and [other](other.md#part), "
                "[up](../src/codec), `tools/*.py`, `src/<name>/x`, `src/codec/{a,b}.h`, tests/… "
                "[web](https://example.org/src/none), https://example.org/src/none, a/b, build/dev/src/x, "
                "`/etc/src/none`, application/json, `src/codec/`, GET /kbs/v0/docs/x")
        self.assertEqual(self.missing(text), [])

    def test_reports_what_does_not(self):
        for text in ("`src/codec/none.h`", "`codec/none.h`", "run scripts/none first", "[x](none.md)",
                     "[x](../src/none)", "`tools/*.rb`", "```\nscripts/none --all\n```", "(src/none)"):
            self.assertEqual(len(self.missing(text)), 1, text)


if __name__ == "__main__":
    unittest.main()
