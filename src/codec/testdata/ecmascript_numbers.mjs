// Writes ecmascript-numbers.txt: what ECMAScript's Number::toString makes of doubles, one line
// "bits text" each. Run with Node: node ecmascript_numbers.mjs > ecmascript-numbers.txt
const view = new DataView(new ArrayBuffer(8));
let state = 0x9e3779b97f4a7c15n;
const next = () => {
  state ^= (state << 13n) & 0xffffffffffffffffn;
  state ^= state >> 7n;
  state ^= (state << 17n) & 0xffffffffffffffffn;
  return state;
};
const line = (d) => {
  view.setFloat64(0, d);
  console.log(view.getBigUint64(0).toString(16).padStart(16, "0") + " " + String(d));
};
for (let e = -12; e <= 25; ++e) for (const m of [1, 1.5, 9.999999999999998]) line(Number(m + "e" + e));
for (let i = 0; i < 150; ++i) {
  view.setBigUint64(0, next());
  const d = view.getFloat64(0);
  if (Number.isFinite(d)) line(d);
  line(Number(next() % 1000000n) / 1000);
}
