//! TOML 1.1 to JSON through the crate `toml`, and the exported function for it.
//!
//! The text is read twice: once as the parser's events, which are counted against the limits, and
//! only then as a tree. So no tree is built or dropped that nests deeper than twice the limit.

use serde_json::{Map, Number, Value};
use toml::de::{DeArray, DeTable, DeValue};
use toml_parser::decoder::Encoding;
use toml_parser::parser::{EventReceiver, ValidateWhitespace, parse_document};
use toml_parser::{ErrorSink, ParseError, Source, Span};

use crate::face::{self, Buffer, Error, Failure, Note, Slice, Status};

/// The one member of the object that serde makes of a date or time.
const DATETIME_KEY: &str = "$__toml_private_datetime";
/// Mirrors `TRUSTEE_TOML_PLAIN`.
const PLAIN: u32 = 1;
/// Nesting that no caller may ask for: the crate's own limit is 80.
const DEPTH_CEILING: u32 = 64;
const TOO_DEEP: &str = "nested too deeply";

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open tables and arrays, the document itself included.
    pub depth: u32,
    /// Keys, values and headers together.
    pub items: u32,
}

/// The TOML `text` as compact JSON, members sorted.
pub fn to_json(text: &str, limits: Limits, plain: bool) -> face::Result<String> {
    if limits.depth == 0 || limits.depth > DEPTH_CEILING || limits.items == 0 {
        return Err(Failure::argument("a limit of 0 or beyond the ceiling"));
    }
    admit(text, limits)?;
    let root = DeTable::parse(text).map_err(|e| {
        let at = e.span().map_or(0, |s| s.start);
        place(text, at, Status::TomlSyntax, e.message())
    })?;
    let tree = Tree { text, plain, depth: limits.depth };
    let value = Value::Object(tree.table(root.get_ref(), 0, 0)?);
    serde_json::to_string(&value).map_err(|e| Failure::new(Status::Panic, e.to_string()))
}

/// Refuses what exceeds the limits or is not the grammar of TOML.
fn admit(text: &str, limits: Limits) -> face::Result<()> {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let mut count = Count { limits, level: 1, keys: 0, open: Vec::new(), items: 0, exceeded: None };
    let mut syntax: Option<ParseError> = None;
    {
        let mut receiver = ValidateWhitespace::new(&mut count, source);
        parse_document(&tokens, &mut receiver, &mut syntax);
    }
    if let Some((status, at)) = count.exceeded {
        let what = if status == Status::TomlTooDeep { TOO_DEEP } else { "too many items" };
        return Err(place(text, at, status, what));
    }
    match syntax {
        None => Ok(()),
        Some(error) => {
            let span = error.unexpected().or(error.context());
            Err(place(text, span.map_or(0, |s| s.start()), Status::TomlSyntax, error.description()))
        }
    }
}

/// Counts what the events will become. `level` is the depth, but for one thing: a header does not say
/// which of its keys are arrays of tables, so that below a header the tree may be twice as deep.
struct Count {
    limits: Limits,
    /// Containers open around the current expression.
    level: u32,
    /// Keys so far of the current dotted key.
    keys: u32,
    /// `level` and `keys` where each open inline table or array began.
    open: Vec<(u32, u32)>,
    items: u32,
    exceeded: Option<(Status, usize)>,
}

impl Count {
    fn item(&mut self, span: Span) {
        self.items = self.items.saturating_add(1);
        if self.items > self.limits.items {
            self.exceed(Status::TomlTooLarge, span);
        }
        // Of a dotted key, all but the last are containers; the last may be one.
        if self.level + self.keys.saturating_sub(1) > self.limits.depth {
            self.exceed(Status::TomlTooDeep, span);
        }
    }

    fn exceed(&mut self, status: Status, span: Span) {
        self.exceeded.get_or_insert((status, span.start()));
    }

    fn enter(&mut self, span: Span) -> bool {
        self.open.push((self.level, self.keys));
        self.level += self.keys.saturating_sub(1) + 1;
        self.keys = 0;
        self.item(span);
        self.exceeded.is_none()
    }

    fn leave(&mut self) {
        if let Some((level, keys)) = self.open.pop() {
            (self.level, self.keys) = (level, keys);
        }
    }

    fn header(&mut self, span: Span) {
        (self.level, self.keys) = (1, 0);
        self.open.clear();
        self.item(span);
    }
}

impl EventReceiver for Count {
    fn std_table_open(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.header(span);
    }
    fn std_table_close(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.level = 1 + self.keys;
        self.keys = 0;
        self.item(span);
    }
    fn array_table_open(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.header(span);
    }
    fn array_table_close(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.level = 2 + self.keys;
        self.keys = 0;
        self.item(span);
    }
    fn inline_table_open(&mut self, span: Span, _: &mut dyn ErrorSink) -> bool {
        self.enter(span)
    }
    fn inline_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.leave();
    }
    fn array_open(&mut self, span: Span, _: &mut dyn ErrorSink) -> bool {
        self.enter(span)
    }
    fn array_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.leave();
    }
    fn simple_key(&mut self, span: Span, _: Option<Encoding>, _: &mut dyn ErrorSink) {
        self.keys = self.keys.saturating_add(1);
        self.item(span);
    }
    fn scalar(&mut self, span: Span, _: Option<Encoding>, _: &mut dyn ErrorSink) {
        self.item(span);
    }
    fn value_sep(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.keys = 0;
    }
    fn newline(&mut self, _: Span, _: &mut dyn ErrorSink) {
        if self.open.is_empty() {
            self.keys = 0;
        }
    }
}

struct Tree<'a> {
    text: &'a str,
    plain: bool,
    depth: u32,
}

impl Tree<'_> {
    /// `level` containers are open around what begins at the byte `at`.
    fn open(&self, level: u32, at: usize) -> face::Result<u32> {
        if level >= self.depth {
            return Err(place(self.text, at, Status::TomlTooDeep, TOO_DEEP));
        }
        Ok(level + 1)
    }

    fn table(
        &self,
        table: &DeTable<'_>,
        level: u32,
        at: usize,
    ) -> face::Result<Map<String, Value>> {
        let level = self.open(level, at)?;
        let mut out = Map::new();
        for (key, value) in table {
            let at = value.span().start;
            out.insert(key.get_ref().to_string(), self.value(value.get_ref(), level, at)?);
        }
        Ok(out)
    }

    fn array(&self, array: &DeArray<'_>, level: u32, at: usize) -> face::Result<Vec<Value>> {
        let level = self.open(level, at)?;
        array.iter().map(|v| self.value(v.get_ref(), level, v.span().start)).collect()
    }

    fn value(&self, value: &DeValue<'_>, level: u32, at: usize) -> face::Result<Value> {
        let refused = |what: &str| place(self.text, at, Status::TomlUnrepresentable, what);
        Ok(match value {
            DeValue::String(s) => Value::String(s.to_string()),
            DeValue::Boolean(b) => Value::Bool(*b),
            DeValue::Integer(i) => integer(i.as_str(), i.radix())
                .ok_or_else(|| refused("an integer beyond 64 bits"))?,
            DeValue::Float(f) => self.float(f.as_str()).map_err(refused)?,
            DeValue::Datetime(d) if self.plain => Value::String(d.to_string()),
            DeValue::Datetime(d) => {
                Value::Object(Map::from_iter([(DATETIME_KEY.into(), d.to_string().into())]))
            }
            DeValue::Array(array) => Value::Array(self.array(array, level, at)?),
            DeValue::Table(table) => Value::Object(self.table(table, level, at)?),
        })
    }

    fn float(&self, text: &str) -> Result<Value, &'static str> {
        let f: f64 = text.parse().map_err(|_| "not a number")?;
        match Number::from_f64(f) {
            Some(number) => Ok(Value::Number(number)),
            None if self.plain || !(f.is_nan() || text.contains("inf")) => {
                Err("a number is not finite")
            }
            None => Ok(Value::Null),
        }
    }
}

fn integer(text: &str, radix: u32) -> Option<Value> {
    let signed = i64::from_str_radix(text, radix).map(Value::from);
    signed.or_else(|_| u64::from_str_radix(text, radix).map(Value::from)).ok()
}

/// A failure at the byte `at`. The column counts characters.
fn place(text: &str, at: usize, status: Status, what: &str) -> Failure {
    let before = text.get(..at.min(text.len())).unwrap_or(text);
    let line = 1 + before.bytes().filter(|b| *b == b'\n').count();
    let last = before.rsplit('\n').next().unwrap_or_default();
    let column = 1 + last.chars().count();
    let cut = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Failure::at(status, cut(line), cut(column), what)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_toml_to_json(
    text: Slice,
    max_depth: u32,
    max_items: u32,
    flags: u32,
    out: *mut Buffer,
    error: *mut Error,
) -> Status {
    // SAFETY: the header asks the caller for what `out`, `text` and `guard_into` ask.
    unsafe {
        face::guard_into(error, || {
            let out = face::out(out)?;
            *out = Buffer::EMPTY;
            if flags & !PLAIN != 0 {
                return Err(Failure::argument("unknown flag"));
            }
            let limits = Limits { depth: max_depth, items: max_items };
            let json = to_json(text.text()?, limits, flags & PLAIN != 0)?;
            *out = Buffer::from_vec(json.into_bytes());
            Ok(Note::Nothing)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { depth: 32, items: 1000 };

    fn json(text: &str) -> String {
        to_json(text, LIMITS, false)
            .unwrap_or_else(|f| format!("{:?} {}:{}", f.status, f.line, f.column))
    }

    fn status(text: &str, depth: u32, items: u32) -> Status {
        to_json(text, Limits { depth, items }, true).map_or_else(|f| f.status, |_| Status::Ok)
    }

    #[test]
    fn values_are_those_of_serde() {
        // What toml::from_str::<serde_json::Value> of the crate makes of the same text.
        assert_eq!(json("b = 1.5\na = -0x1"), "TomlSyntax 2:5");
        assert_eq!(
            json(
                "i = 0x7f\nu = 18446744073709551615\nf = 1e16\nn = nan\nm = -inf\nd = 2026-11-24\n"
            ),
            r#"{"d":{"$__toml_private_datetime":"2026-11-24"},"f":1e+16,"i":127,"m":null,"n":null,"u":18446744073709551615}"#
        );
        assert_eq!(json("u = 18446744073709551616"), "TomlUnrepresentable 1:5");
        assert_eq!(json("a = 1e999"), "TomlUnrepresentable 1:5");
        assert_eq!(
            json("[[a.b]]\nc.d = {e = [1, {}],\n}\n[[a.b]]\n\"\" = '\u{45a}'\n"),
            "{\"a\":{\"b\":[{\"c\":{\"d\":{\"e\":[1,{}]}}},{\"\":\"\u{45a}\"}]}}"
        );
    }

    #[test]
    fn plain_values_have_no_private_names() {
        let plain = |text| to_json(text, LIMITS, true).map_err(|f| f.status);
        assert_eq!(plain("t = 10:00:00"), Ok(r#"{"t":"10:00:00"}"#.to_owned()));
        assert_eq!(plain("t = nan"), Err(Status::TomlUnrepresentable));
        assert_eq!(plain("t = inf"), Err(Status::TomlUnrepresentable));
    }

    #[test]
    fn failures_name_line_and_column_in_characters() {
        assert_eq!(json("a = 1\na = 2"), "TomlSyntax 2:1");
        assert_eq!(json("a = 1\n'\u{45a}' = = 2"), "TomlSyntax 2:7");
        for text in
            ["[/x]", "[[ =a]]", "[a./]", "[\u{7f}]", "r\u{45a} = 1", "a = \"\"\"\\\n  \u{45a}"]
        {
            assert!(json(text).starts_with("TomlSyntax "), "{text}");
        }
    }

    #[test]
    fn depth_counts_open_tables_and_arrays() {
        let arrays = |n: usize| format!("a = {}{}", "[".repeat(n), "]".repeat(n));
        let inline = |n: usize| format!("a = {}1{}", "{b = ".repeat(n), "}".repeat(n));
        let dotted = |n: usize| format!("{}a = 1", "a.".repeat(n));
        let header = |n: usize| format!("[{}a]", "a.".repeat(n - 1));
        let tables = |n: usize| {
            (1..=n).map(|i| format!("[[{}a]]\n", "a.".repeat(i - 1))).collect::<String>()
        };
        for (name, text, each) in [
            ("arrays", &arrays as &dyn Fn(usize) -> String, 1),
            ("inline", &inline, 1),
            ("dotted", &dotted, 1),
            ("header", &header, 1),
            ("tables", &tables, 2),
        ] {
            for n in [1, 2, 5, 15] {
                let depth = 1 + each * u32::try_from(n).unwrap();
                assert_eq!(status(&text(n), depth, 1000), Status::Ok, "{name} {n}");
                assert_eq!(status(&text(n), depth - 1, 1000), Status::TomlTooDeep, "{name} {n}");
            }
        }
        for text in [arrays(500_000), inline(200_000), dotted(500_000), header(500_000)] {
            assert_eq!(status(&text, 64, u32::MAX), Status::TomlTooDeep);
        }
        let nested_dots = format!("a = {}1", format!("{{{}b = ", "a.".repeat(70)).repeat(70));
        assert_eq!(status(&nested_dots, 64, u32::MAX), Status::TomlTooDeep);
    }

    #[test]
    fn unknown_flags_are_refused() {
        let text = Slice::of(b"a = 1");
        for (flags, expected) in [
            (0, Status::Ok),
            (PLAIN, Status::Ok),
            (2, Status::InvalidArgument),
            (PLAIN | 1 << 31, Status::InvalidArgument),
        ] {
            let mut out = Buffer::EMPTY;
            // SAFETY: a static text, a live local, and null for the error.
            let status = unsafe {
                let status =
                    trustee_toml_to_json(text, 8, 8, flags, &mut out, std::ptr::null_mut());
                face::trustee_buffer_free(&mut out);
                status
            };
            assert_eq!(status, expected, "{flags}");
        }
    }

    #[test]
    fn items_are_bounded() {
        let text = "[a]\nb.c = [1, 2]\n";
        // The header twice, its key, two keys, the array, two values.
        assert_eq!(status(text, 8, 8), Status::Ok);
        assert_eq!(status(text, 8, 7), Status::TomlTooLarge);
        assert_eq!(status("", 0, 1), Status::InvalidArgument);
        assert_eq!(status("", 65, 1), Status::InvalidArgument);
        assert_eq!(status("", 64, 1), Status::Ok);
        assert_eq!(status("", 1, 0), Status::InvalidArgument);
    }
}
