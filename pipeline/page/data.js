// The report of a run, first part: elements, the data, and what a row says in a few words.
//
// The files beside this one follow as one script, each part using those before it. Data come from the page itself:
// #index at once, #block-N when one of its plans is shown. Nothing makes HTML of a text: elements are made by name,
// words go in as text nodes.

const $ = (id) => document.getElementById(id);
const SVG = 'http://www.w3.org/2000/svg';
const ROLE_NAMES = { lead: 'lead', resp: 'charged', support: 'support' };
const LAYERS = { goals: 'goal', targets: 'target', deadlines: 'deadline', responsibilities: 'unit' };
const OPERATORS = { ge: '≥ ', le: '≤ ', gt: '> ', lt: '< ', inc: '+', dec: '−' };
const number = new Intl.NumberFormat('en', { maximumFractionDigits: 6 }).format;
const plural = (count, one) => `${number(count)} ${one}${count === 1 ? '' : 's'}`;

// Elements

function make(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, '');
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}
const el = (name, attributes = {}, ...children) => make(document.createElement(name), attributes, children);
const svg = (name, attributes = {}, ...children) => make(document.createElementNS(SVG, name), attributes, children);
const zh = (text) => el('span', { lang: 'zh-Hans' }, text);
const fragment = (id) => `#${encodeURIComponent(id)}`;

/** A table with caption and column heads; the first cell of a row is its head. */
function table(caption, heads, rows, attributes = {}) {
  const cells = (row) =>
    row.map((cell, column) =>
      el(column ? 'td' : 'th', { scope: column ? null : 'row', role: column ? 'cell' : 'rowheader',
        class: typeof cell === 'number' ? 'number' : null, 'data-head': heads[column].textContent ?? heads[column] },
      typeof cell === 'number' ? number(cell) : cell));
  return el('table', { role: 'table', ...attributes },
    el('caption', {}, caption),
    el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' },
      ...heads.map((head) => el('th', { scope: 'col', role: 'columnheader' }, head)))),
    el('tbody', { role: 'rowgroup' }, ...rows.map((row) => el('tr', { role: 'row' }, ...cells(row)))));
}

// Data

const parsed = document.readyState === 'loading'
  ? new Promise((resolve) => document.addEventListener('DOMContentLoaded', resolve, { once: true }))
  : Promise.resolve();

async function unpack(base64) {
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).json();
}

/** Columns as rows. */
function rowsOf(columns) {
  const names = Object.keys(columns);
  return columns[names[0]].map((_, at) => Object.fromEntries(names.map((name) => [name, columns[name][at]])));
}

if (typeof DecompressionStream === 'undefined') {
  $('trouble').textContent = 'This browser is too old for the page: it needs one of 2023 or later.';
  $('trouble').hidden = false;
  return;
}
const index = await unpack($('index').textContent);
const sources = rowsOf(index.sources);
const plans = rowsOf(index.plans);
const position = new Map(plans.map((plan, at) => [plan.plan_id, at]));
/** The names that the first of each so many numbers stand for. */
const named = (numbers, each, names) =>
  [...new Set(numbers.filter((_, n) => n % each === 0))].map((number) => names[number]);
const themeNames = new Map(index.themes.map((theme) => [theme.code, theme.zh]));
plans.forEach((plan, at) => {
  plan.at = at;
  plan.file = sources[plan.source];
  plan.name = plan.title ?? '(no title)';
  plan.words = [plan.title, plan.doc_number, plan.issuer, plan.region, plan.file.path, plan.plan_id,
    ...named(index.cells.targets[at], 2, index.indicators), ...named(index.cells.units[at], 3, index.units)]
    .filter(Boolean).join('\n').toLowerCase();
  plan.themes = new Set(index.cells.themes[at].filter((_, n) => n % 2 === 0).map((n) => index.themes[n].code));
});

const kept = new Map(); // blocks, the last few
async function block(at) {
  if (!kept.has(at)) {
    if (!$(`block-${at}`)) await parsed;
    if (kept.size > 7) kept.delete(kept.keys().next().value);
    kept.set(at, unpack($(`block-${at}`).textContent));
  }
  return kept.get(at);
}

/** The text of a plan and its rows, references resolved. */
async function contentOf(plan) {
  const data = (await block(Math.floor(plan.at / index.block)))[plan.at % index.block];
  const chars = Array.from(data.text); // offsets are code points
  const content = { start: data.start, end: data.start + chars.length };
  content.char = (at) => chars[at - data.start];
  content.raw = (start, end) => chars.slice(start - data.start, end - data.start).join('');
  for (const name of ['sections', 'items', ...Object.keys(LAYERS)]) {
    content[name] = rowsOf(data[name]);
    for (const row of content[name]) {
      row.layer = name;
      row.from = row.char_start;
      row.to = row.char_end;
      row.full = `${plan.plan_id}.${row.id}`;
      if ('text' in row) row.text ??= tidy(content.raw(row.from, row.to));
    }
  }
  for (const name of ['items', ...Object.keys(LAYERS)]) {
    for (const row of content[name]) {
      if ('item' in row) row.item = content.items[row.item] ?? null;
      if ('section' in row) row.section = content.sections[row.section] ?? null;
      if ('deadline' in row) row.deadline = content.deadlines[row.deadline] ?? null;
    }
  }
  return content;
}

/** A text without its line breaks; between two words of Latin letters or figures a space takes its place. */
const joined = (text) => text.replace(/(\w?)[ \u3000]*[\n\r][ \t\u3000]*(?=(\w?))/g,
  (_, before, behind) => before + (before && behind ? ' ' : ''));
const tidy = (text) => joined(text).replace(/\t+/g, ' | ').trim();

// What a row says

function figure(target) {
  const { op, value, value2 } = target;
  const shown = op === 'ratio' ? `${number(value)} : ${number(value2 ?? 1)}`
    : op === 'range' && value2 !== null ? `${number(value)}–${number(value2)}`
      : `${OPERATORS[op] ?? ''}${number(value)}`;
  const unit = target.unit ? (target.unit === '%' ? '%' : ` ${target.unit}`) : '';
  return `${shown}${unit}${target.per ? ` / ${target.per}` : ''}`;
}

/** When a deadline is: a whole year or month by its name, other days from the first to the last; else as written. */
function time(deadline) {
  const { start, end } = deadline;
  const days = start && end && start !== end ? whole(start, end) ?? `${start} – ${end}` : end && start ? end
    : end ? `by ${end}` : start ? `from ${start}` : '';
  const times = deadline.times === 1 ? 'once ' : deadline.times ? `${deadline.times} times ` : '';
  const often = deadline.every ? `${times}every ${deadline.every}` : '';
  return [days, often].filter(Boolean).join(', ') || deadline.text;
}

function whole(start, end) {
  const [year, month] = [start.slice(0, 4), start.slice(0, 7)];
  if (start === `${year}-01-01` && end === `${year}-12-31`) return year;
  const last = new Date(Date.UTC(+year, +start.slice(5, 7), 0)).getUTCDate();
  return start === `${month}-01` && end === `${month}-${last}` ? month : null;
}

function said(row) {
  switch (row.layer) {
    case 'targets': return `${row.indicator ? `${row.indicator} ` : ''}${figure(row)}`;
    case 'deadlines': return row.text === time(row) ? row.text : `${row.text}: ${time(row)}`;
    case 'responsibilities': return `${row.text} (${ROLE_NAMES[row.role]})`;
    default: return row.text;
  }
}

const theme = (code) => el('span', {}, themeNames.get(code) ? zh(themeNames.get(code)) : '',
  themeNames.get(code) ? ' ' : '', el('span', { class: 'soft' }, code));
const themeText = (code) => [themeNames.get(code), code].filter(Boolean).join(' ');

function years(plan) {
  return [...new Set([plan.year_start, plan.year_end])].filter((year) => year !== null).join('–');
}
