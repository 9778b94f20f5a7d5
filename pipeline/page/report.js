// The report of a run. Data come from the page itself: #index at once, #block-N when one of its plans is shown.
// Nothing here makes HTML of a text: elements are made by name, words go in as text nodes.
//
// Where one is stands in the fragment:
//   #?q=…&level=…                     the overview, its filters, and with plot, key and by the bar that was chosen
//   #PLAN_ID, #TARGET_ID, #ITEM_ID …  a plan, at the place of that row of a table
'use strict';

(async () => {
  const $ = (id) => document.getElementById(id);
  const SVG = 'http://www.w3.org/2000/svg';
  const LEVELS = ['national', 'province', 'city', 'county', 'town', 'school', ''];
  const ROLES = ['lead', 'resp', 'support'];
  const ROLE_NAMES = { lead: 'lead', resp: 'charged', support: 'support' };
  const LAYERS = { goals: 'goal', targets: 'target', deadlines: 'deadline', responsibilities: 'unit' };
  const OPERATORS = { ge: '≥ ', le: '≤ ', gt: '> ', lt: '< ', inc: '+', dec: '−' };
  const PAGE_OF_ROWS = 50;
  const BARS = 15;
  const MOST_PERIODS = 36; // bars of the time line, before it goes over to longer periods
  const EM = 13; // px, the size of letters in plots
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
  const themeNames = new Map(index.themes.map((theme) => [theme.code, theme.zh]));
  plans.forEach((plan, at) => {
    plan.at = at;
    plan.file = sources[plan.source];
    plan.name = plan.title ?? '(no title)';
    plan.words = [plan.title, plan.doc_number, plan.issuer, plan.region, plan.file.path, plan.plan_id]
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
    content.raw = (start, end) => chars.slice(start - data.start, end - data.start).join('');
    for (const name of ['sections', 'items', ...Object.keys(LAYERS)]) {
      content[name] = rowsOf(data[name]);
      for (const row of content[name]) {
        row.layer = name;
        row.start = row.char_start;
        row.stop = row.char_end;
        row.full = `${plan.plan_id}.${row.id}`;
        if ('text' in row) row.text ??= tidy(content.raw(row.start, row.stop));
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

  const tidy = (text) => text.replace(/[ \u3000]*\n\s*/g, '').replace(/\t+/g, ' | ').trim();

  // What a row says

  function figure(target) {
    const { op, value, value2 } = target;
    const shown = op === 'ratio' ? `${number(value)} : ${number(value2 ?? 1)}`
      : op === 'range' && value2 !== null ? `${number(value)}–${number(value2)}`
        : `${OPERATORS[op] ?? ''}${number(value)}`;
    const unit = target.unit ? (target.unit === '%' ? '%' : ` ${target.unit}`) : '';
    return `${shown}${unit}${target.per ? ` / ${target.per}` : ''}`;
  }

  function time(deadline) {
    const days = [deadline.start, deadline.end].filter(Boolean);
    const span = days.length && !deadline.start ? `by ${deadline.end}` : [...new Set(days)].join(' – ');
    const often = deadline.every ? `${deadline.times ? `${deadline.times} times ` : ''}every ${deadline.every}` : '';
    return [span, often].filter(Boolean).join(', ') || deadline.kind;
  }

  function said(row) {
    switch (row.layer) {
      case 'targets': return `${row.indicator ? `${row.indicator} ` : ''}${figure(row)}`;
      case 'deadlines': return time(row);
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

  // The state of the overview: what is null is not asked; the empty text asks for what is not known

  const FIELDS = ['q', 'region', 'level', 'year', 'kind', 'theme', 'sort', 'plot', 'key', 'by'];
  let state = {};

  function stateOf(text) {
    const given = new URLSearchParams(text);
    return Object.fromEntries(FIELDS.map((name) => [name, given.get(name)]));
  }

  function address(changes = {}) {
    const asked = Object.entries({ ...state, ...changes }).filter(([, value]) => value !== null);
    return asked.length ? `#?${new URLSearchParams(asked)}` : '#';
  }

  const NO_BAR = { plot: null, key: null, by: null };

  function passes(plan) {
    const is = (asked, value) => asked === null || asked === (value ?? '');
    const year = state.year === null
      || (state.year === '' ? plan.year_start === null
        : plan.year_start !== null && plan.year_start <= +state.year && +state.year <= (plan.year_end ?? plan.year_start));
    return year && is(state.region, plan.region) && is(state.level, plan.level) && is(state.kind, plan.kind)
      && (state.theme === null || (state.theme === '' ? !plan.themes.size : plan.themes.has(state.theme)))
      && (state.q ?? '').toLowerCase().split(/\s+/).every((word) => plan.words.includes(word));
  }

  // Bars: each counts rows by a key and, within it, by something else

  const monthOf = (at) => (at ? `${Math.floor(at / 100)}-${String(at % 100).padStart(2, '0')}` : '');
  const PERIODS = {
    month: (month) => month,
    quarter: (month) => `${month.slice(0, 4)}-Q${Math.ceil(+month.slice(5, 7) / 3)}`,
    year: (month) => month.slice(0, 4),
  };
  const within = (month, period) => (period === '' || month === '' ? month === period
    : Object.values(PERIODS).some((name) => name(month) === period));

  const PLOTS = {
    themes: {
      title: 'Themes by year', row: 'item', keyName: 'theme', byName: 'year', none: 'no year',
      width: 2, cells: ([key], plan) => [index.themes[key].code, String(plan.year_start ?? '')],
      rows: (content) => content.items,
      has: (item, key) => key === null || item.themes.includes(key),
      value: (item) => el('span', {}, ...item.themes.flatMap((code, at) => [at ? ', ' : '', theme(code)])),
      name: themeText,
      about: 'Items (commitments) under each of their themes, by the first year that their plan is for.',
    },
    targets: {
      title: 'Targets by indicator and level', row: 'target', keyName: 'indicator', byName: 'level', none: 'no level',
      width: 2, cells: ([key], plan) => [index.indicators[key], plan.level ?? ''],
      rows: (content) => content.targets,
      has: (target, key) => key === null || (target.indicator ?? '') === key,
      value: (target) => figure(target),
      name: (key) => key || '(no indicator)',
      order: LEVELS, orderName: (by) => by || 'no level',
      about: 'Numeric targets by what they measure, as the plans word it, and by level of government.',
    },
    deadlines: {
      title: 'Deadlines on a time line', row: 'deadline', keyName: 'until', byName: '', none: '',
      width: 2, cells: ([key]) => [monthOf(key), ''],
      rows: (content) => content.deadlines,
      has: (deadline, key) => key === null || within((deadline.end ?? '').slice(0, 7), key),
      value: (deadline) => time(deadline),
      name: (key) => key || 'no settled day',
      about: 'Time expressions by their last day.',
    },
    units: {
      title: 'Units by number of tasks', row: 'task', keyName: 'unit', byName: 'part', none: '',
      width: 3, cells: ([key, by]) => [index.units[key], index.roles[by]],
      rows: (content) => {
        const seen = new Set();
        return content.responsibilities.filter((row) => {
          const task = JSON.stringify([row.item?.id ?? row.id, row.text, row.role]);
          return !seen.has(task) && seen.add(task);
        });
      },
      has: (row, key, by) => (key === null || row.text === key) && (by === null || row.role === by),
      value: (row) => `${row.text} (${ROLE_NAMES[row.role]})`,
      name: (key) => key,
      order: ROLES, orderName: (by) => ROLE_NAMES[by],
      about: 'Items that name a unit, by the part that it has in them: lead, charged (nothing said of its part), support.',
    },
  };

  /** Key, count and the other key of each cell of a plan. */
  function* cellsOf(name, plan) {
    const { width, cells } = PLOTS[name];
    const numbers = index.cells[name][plan.at];
    for (let at = 0; at < numbers.length; at += width) {
      const [key, by] = cells(numbers.slice(at, at + width - 1), plan);
      yield [key, by, numbers[at + width - 1]];
    }
  }

  /** Counts by key and other key over some plans. */
  function tally(name, some) {
    const counts = new Map();
    for (const plan of some) {
      for (const [key, by, count] of cellsOf(name, plan)) {
        const row = counts.get(key) ?? new Map();
        row.set(by, (row.get(by) ?? 0) + count);
        counts.set(key, row);
      }
    }
    return counts;
  }

  const sum = (row) => [...row.values()].reduce((all, count) => all + count, 0);

  /** How many rows of a plan the chosen bar counts. */
  function share(plan) {
    let rows = 0;
    for (const [key, by, count] of cellsOf(state.plot, plan)) {
      const hit = state.plot === 'deadlines' ? state.key === null || within(key, state.key) : state.key === null || key === state.key;
      if (hit && (state.by === null || by === state.by)) rows += count;
    }
    return rows;
  }

  // Plots

  const wide = (char) => char.codePointAt(0) > 0x2e7f;
  const measure = (text) => [...text].reduce((width, char) => width + (wide(char) ? 1 : 0.56), 0) * EM;

  function fitted(text, room) {
    if (measure(text) <= room) return text;
    const chars = [...text];
    while (chars.length && measure(`${chars.join('')}…`) > room) chars.pop();
    return `${chars.join('')}…`;
  }

  /** A link on a plot to the rows that a bar counts. */
  function bar(plot, key, by, count, place, ...shapes) {
    const about = PLOTS[plot];
    const names = [about.name(key), by === null ? null : (about.orderName?.(by) ?? (by || about.none))];
    const label = `${names.filter(Boolean).join(', ')}: ${plural(count, about.row)}`;
    const chosen = state.plot === plot && state.key === key && state.by === by;
    return svg('a', { href: address({ plot, key, by }), 'aria-label': label, 'aria-current': chosen ? 'true' : null,
      'data-row': place, tabindex: -1 }, svg('title', {}, label), ...shapes);
  }

  /** One stop of the tab key for a plot; arrows go from bar to bar. */
  function rove(picture) {
    const bars = [...picture.querySelectorAll('a')];
    if (!bars.length) return;
    let current = Math.max(0, bars.findIndex((each) => each.hasAttribute('aria-current')));
    bars[current].setAttribute('tabindex', 0);
    const go = (next) => {
      bars[current].setAttribute('tabindex', -1);
      current = Math.min(Math.max(next, 0), bars.length - 1);
      bars[current].setAttribute('tabindex', 0);
      bars[current].focus();
    };
    const across = (step) => {
      const row = +bars[current].dataset.row;
      const column = current - bars.findIndex((each) => +each.dataset.row === row);
      const there = bars.flatMap((each, at) => (+each.dataset.row === row + step ? [at] : []));
      if (there.length) go(there[Math.min(column, there.length - 1)]);
    };
    const moves = { ArrowRight: () => go(current + 1), ArrowLeft: () => go(current - 1), ArrowDown: () => across(1),
      ArrowUp: () => across(-1), Home: () => go(0), End: () => go(bars.length - 1) };
    picture.addEventListener('keydown', (event) => {
      if (!moves[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      moves[event.key]();
    });
    picture.addEventListener('focusin', (event) => {
      const at = bars.indexOf(event.target.closest('a'));
      if (at < 0 || at === current) return;
      bars[current].setAttribute('tabindex', -1);
      current = at;
      bars[current].setAttribute('tabindex', 0);
    });
  }

  const picture = (name, width, height, ...children) =>
    svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'group', class: `plot ${name}`,
      'aria-label': `${PLOTS[name].title}; arrow keys go from bar to bar, Enter lists the rows that one counts` },
    ...children);
  const letters = (x, y, text, attributes = {}) => svg('text', { x, y, ...attributes }, text);

  /** Bars from left to right, one above the other, cut by the other key. */
  function bars(name, rows, width) {
    const { order, name: named } = PLOTS[name];
    const narrow = width < 480;
    const left = narrow ? 0 : Math.min(Math.max(...rows.map(([key]) => measure(named(key)))) + 10, width * 0.36);
    const step = narrow ? 42 : 26;
    const room = width - left - 48;
    const most = Math.max(...rows.map(([, row]) => sum(row)));
    const children = rows.flatMap(([key, row], at) => {
      const top = at * step;
      const middle = narrow ? top + 14 : top + 17;
      const label = fitted(named(key), narrow ? width : left - 10);
      const links = [bar(name, key, null, sum(row), at,
        letters(narrow ? 0 : left - 8, middle, label, { 'text-anchor': narrow ? 'start' : 'end', lang: 'zh-Hans' }))];
      let x = left;
      for (const by of order) {
        const count = row.get(by);
        if (!count) continue;
        const length = Math.max((count / most) * room, 2);
        links.push(bar(name, key, by, count, at,
          svg('rect', { x, y: narrow ? top + 20 : top + 4, width: Math.max(length - 1, 1), height: 18,
            class: `${name === 'units' ? 'role' : 'level'}-${by || 'none'}` })));
        x += length;
      }
      return [...links, letters(x + 6, narrow ? top + 34 : middle, number(sum(row)), { class: 'soft' })];
    });
    return picture(name, width, rows.length * step, ...children);
  }

  /** Squares: a theme a row, a year a column. */
  function squares(rows, width) {
    const name = 'themes';
    const found = [...new Set(rows.flatMap(([, row]) => [...row.keys()]))].sort();
    const dated = found.filter(Boolean).map(Number);
    const [first, last] = [dated[0], dated[dated.length - 1]];
    const columns = dated.length && last - first < 30
      ? Array.from({ length: last - first + 1 }, (_, at) => String(first + at)) : dated.map(String);
    if (found.includes('')) columns.push('');
    const names = rows.map(([key]) => (width < 480 ? themeNames.get(key) ?? key : themeText(key)));
    const left = Math.min(Math.max(...names.map(measure)) + 10, width * 0.42);
    const side = Math.min((width - left - 40) / columns.length, 56);
    const height = 26;
    const most = Math.max(...rows.flatMap(([, row]) => [...row.values()]));
    const every = Math.ceil(38 / side);
    const heads = columns.map((year, at) => {
      const shown = year === '' || (columns.length - 1 - at) % every === 0 || side > 38;
      return shown && !(year !== '' && columns.includes('') && at === columns.length - 2 && side <= 38)
        ? letters(left + (at + 0.5) * side, 14, year === '' ? '–' : year, { 'text-anchor': 'middle', class: 'soft' })
        : null;
    });
    const children = rows.flatMap(([key, row], at) => {
      const top = 22 + at * height;
      const links = [bar(name, key, null, sum(row), at,
        letters(left - 8, top + 17, fitted(names[at], left - 10), { 'text-anchor': 'end', lang: 'zh-Hans' }))];
      columns.forEach((year, column) => {
        const count = row.get(year);
        if (!count) return;
        const tone = Math.min(4, Math.floor(Math.sqrt(count / most) * 5));
        links.push(bar(name, key, year, count, at,
          svg('rect', { x: left + column * side, y: top + 1, width: Math.max(side - 2, 2), height: height - 2, class: `tone-${tone}` }),
          side >= 24 ? letters(left + (column + 0.5) * side - 1, top + 18, number(count),
            { 'text-anchor': 'middle', class: `on-tone-${tone}` }) : null));
      });
      return [...links, letters(left + columns.length * side + 6, top + 18, number(sum(row)), { class: 'soft' })];
    });
    return picture(name, width, 24 + rows.length * height, ...heads, ...children);
  }

  const nextMonth = (month) => {
    const [year, at] = month.split('-').map(Number);
    return at === 12 ? `${year + 1}-01` : `${year}-${String(at + 1).padStart(2, '0')}`;
  };

  /** The months from the first to the last, put together into periods short enough to be told apart. */
  function periods(months) {
    const all = [];
    for (let month = months[0]; month <= months[months.length - 1]; month = nextMonth(month)) all.push(month);
    for (const name of Object.keys(PERIODS)) {
      const found = [...new Set(all.map(PERIODS[name]))];
      if (found.length <= MOST_PERIODS || name === 'year') return [name, found];
    }
    return null;
  }

  /** Columns along a time line. */
  function timeline(counts, width) {
    const name = 'deadlines';
    const months = [...counts.keys()].filter(Boolean).sort();
    const [length, all] = periods(months);
    const totals = new Map(all.map((period) => [period, 0]));
    for (const month of months) {
      const period = PERIODS[length](month);
      totals.set(period, totals.get(period) + sum(counts.get(month)));
    }
    const most = Math.max(...totals.values());
    const left = measure(number(most)) + 8;
    const [height, top] = [180, 18];
    const step = (width - left) / all.length;
    const y = (count) => top + height - (count / most) * height;
    const ticks = [...new Set([0, Math.round(most / 2), most])];
    const grid = ticks.flatMap((count) => [
      svg('line', { x1: left, x2: width, y1: y(count), y2: y(count), class: 'grid' }),
      letters(left - 6, y(count) + 4, number(count), { 'text-anchor': 'end', class: 'soft' })]);
    const every = Math.ceil(Math.max(measure(all[0]) + 10, 1) / step);
    const columns = all.flatMap((period, at) => {
      const x = left + at * step;
      const labelled = length === 'year' ? at % every === 0
        : every === 1 || (/-(01|Q1)$/.test(period) ? true : false);
      const text = every === 1 || length === 'year' ? period : period.slice(0, 4);
      const label = labelled ? letters(every === 1 ? x + step / 2 : x, top + height + 18, text,
        { 'text-anchor': every === 1 ? 'middle' : 'start', class: 'soft' }) : null;
      const count = totals.get(period);
      return [count ? bar(name, period, null, count, 0,
        svg('rect', { x, y: top, width: step, height, class: 'behind' }),
        svg('rect', { x: x + Math.min(step * 0.1, 2), y: y(count), width: Math.max(step - Math.min(step * 0.2, 4), 1.5),
          height: top + height - y(count), class: 'time' }),
        step > 24 ? letters(x + step / 2, y(count) - 4, number(count), { 'text-anchor': 'middle' }) : null) : null, label];
    });
    return [length, totals, picture(name, width, top + height + 26, ...grid, ...columns.filter(Boolean))];
  }

  /** The numbers of a plot as a table, made when it is opened. */
  function figures(name, heads, rows) {
    const details = el('details', {}, el('summary', {}, 'Figures as a table'));
    details.addEventListener('toggle', () => {
      if (details.open && details.children.length === 1) {
        details.append(el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': PLOTS[name].title },
          table(PLOTS[name].title, heads, rows(), { class: 'plain' })));
      }
    });
    return details;
  }

  const link = (name, key, by, text) => el('a', { href: address({ plot: name, key, by }) }, text);
  const shownBars = { themes: 60, targets: BARS, units: BARS };

  function plot(name, some, width) {
    const about = PLOTS[name];
    const counts = tally(name, some);
    const box = el('figure', { id: `plot-${name}` }, el('figcaption', {}, el('h2', {}, about.title), el('p', { class: 'soft' }, about.about)));
    if (!counts.size) {
      box.append(el('p', {}, `No ${about.row}s.`));
      return box;
    }
    if (name === 'deadlines') {
      const unsettled = counts.has('') ? sum(counts.get('')) : 0;
      if (counts.size > (unsettled ? 1 : 0)) {
        const [length, totals, drawing] = timeline(counts, width);
        box.append(drawing);
        box.append(figures(name, [length, 'deadlines'], () => [...totals].filter(([, count]) => count)
          .map(([period, count]) => [period, link(name, period, null, number(count))])));
        rove(drawing);
      }
      if (unsettled) {
        box.append(el('p', {}, link(name, '', null, plural(unsettled, 'time expression')),
          ' without a settled last day (most recur: 每月, 每学期) are not on the line.'));
      }
      return box;
    }
    const rows = [...counts].sort(([, one], [, other]) => sum(other) - sum(one));
    const shown = rows.slice(0, shownBars[name]);
    const drawing = name === 'themes' ? squares(shown, width) : bars(name, shown, width);
    if (about.order) {
      const present = about.order.filter((by) => shown.some(([, row]) => row.get(by)));
      box.append(el('ul', { class: 'legend' }, ...present.map((by) => el('li', {},
        svg('svg', { width: 12, height: 12, 'aria-hidden': 'true' }, svg('rect', { width: 12, height: 12,
          class: `${name === 'units' ? 'role' : 'level'}-${by || 'none'}` })), ` ${about.orderName(by)}`))));
    }
    box.append(drawing);
    rove(drawing);
    if (rows.length > shown.length) {
      const more = el('button', { type: 'button' }, `Show ${Math.min(BARS, rows.length - shown.length)} more`);
      more.addEventListener('click', () => {
        shownBars[name] += BARS;
        const next = plot(name, some, width);
        box.replaceWith(next);
        (next.querySelector('button') ?? next.querySelector('a')).focus();
      });
      box.append(el('p', {}, `The ${shown.length} most frequent of ${plural(rows.length, about.keyName)}. `, more));
    }
    const bys = about.order ?? [...new Set(shown.flatMap(([, row]) => [...row.keys()]))].sort();
    const present = bys.filter((by) => shown.some(([, row]) => row.get(by)));
    box.append(figures(name, [about.keyName, ...present.map((by) => about.orderName?.(by) ?? (by || about.none)), 'all'],
      () => shown.map(([key, row]) => [zh(about.name(key)),
        ...present.map((by) => (row.get(by) ? link(name, key, by, number(row.get(by))) : '')),
        link(name, key, null, number(sum(row)))])));
    return box;
  }

  function drawPlots(some) {
    const room = $('plots').clientWidth;
    const width = room > 1000 ? (room - 40) / 2 : room;
    $('plots').replaceChildren(...Object.keys(PLOTS).map((name) => plot(name, some, Math.floor(width))));
    $('plots').dataset.width = room;
  }

  // The rows that a bar counts

  let listing = 0; // the number of the last list asked for; an older one stops

  async function listRows(some) {
    const mine = ++listing;
    const box = $('rows');
    box.hidden = state.plot === null;
    box.replaceChildren();
    if (box.hidden) return;
    const about = PLOTS[state.plot];
    const total = some.reduce((all, plan) => all + share(plan), 0);
    const names = [state.key === null ? null : about.name(state.key),
      state.by === null ? null : (about.orderName?.(state.by) ?? (state.by || about.none))].filter((part) => part !== null);
    const body = el('tbody', { role: 'rowgroup' });
    const rows = table(`${names.join(', ')}: the ${about.row}s that the bar counts`,
      ['Sentence', 'Value', 'Plan', 'Year'], [], { class: 'stack rows' });
    rows.querySelector('tbody').replaceWith(body);
    const more = el('button', { type: 'button', hidden: true }, `Show ${PAGE_OF_ROWS * 2} more`);
    box.append(
      el('h2', { id: 'rows-title', tabindex: -1 }, `${about.title}: `, zh(names.join(', '))),
      el('p', {}, `${plural(total, about.row)} in ${plural(some.length, 'plan')}. `,
        el('a', { href: address(NO_BAR), class: 'clear' }, 'Remove this choice')),
      rows, more);
    const found = chosenRows(some);
    const fill = async (count) => {
      for (let at = 0; at < count; at++) {
        const { value, done } = await found.next();
        if (mine !== listing) return;
        more.hidden = done;
        if (done) return;
        body.append(rowOf(about, ...value));
      }
      more.hidden = body.children.length >= total;
    };
    more.addEventListener('click', async () => {
      const at = body.children.length;
      await fill(PAGE_OF_ROWS * 2);
      body.children[at]?.querySelector('a').focus();
    });
    await fill(PAGE_OF_ROWS);
  }

  async function* chosenRows(some) {
    const about = PLOTS[state.plot];
    const { key, by } = state;
    for (const plan of some) {
      const content = await contentOf(plan);
      for (const row of about.rows(content)) if (about.has(row, key, by)) yield [plan, content, row];
    }
  }

  function rowOf(about, plan, content, row) {
    const whole = row.layer === 'items' ? row : row.item ?? row;
    const words = el('a', { href: fragment(row.full), lang: 'zh-Hans' });
    write(words, content, whole.start, whole.stop, row === whole ? [] : [row], (each) => el('mark', { class: each.layer }));
    const cells = [words, about.value(row), el('a', { href: fragment(plan.plan_id), lang: 'zh-Hans' }, plan.name), years(plan)];
    return el('tr', { role: 'row' }, ...['Sentence', 'Value', 'Plan', 'Year'].map((head, at) =>
      el(at ? 'td' : 'th', { role: at ? 'cell' : 'rowheader', scope: at ? null : 'row', 'data-head': head }, cells[at])));
  }

  // The table of plans

  const COLUMNS = [
    ['Plan', 'title', (plan) => el('span', { lang: 'zh-Hans' }, el('a', { href: fragment(plan.plan_id) }, plan.name),
      el('span', { class: 'soft under' }, [plan.issuer, plan.doc_number].filter(Boolean).join(' · ') || plan.file.path))],
    ['Region', 'region', (plan) => (plan.region ? zh(plan.region) : '')],
    ['Level', 'level', (plan) => plan.level ?? ''],
    ['Kind', 'kind', (plan) => plan.kind ?? ''],
    ['Years', 'year_start', years],
    ['Items', 'items', (plan) => plan.items],
    ['Goals', 'goals', (plan) => plan.goals],
    ['Targets', 'targets', (plan) => plan.targets],
    ['Deadlines', 'deadlines', (plan) => plan.deadlines],
    ['Units', 'responsibilities', (plan) => plan.responsibilities],
  ];
  const compare = new Intl.Collator('zh').compare;
  let order = plans; // the plans of the table, as they stand in it

  function sorted(some) {
    if (state.sort === null) return some;
    const name = state.sort.replace(/^-/, '');
    if (!COLUMNS.some(([, column]) => column === name)) return some;
    const sign = state.sort.startsWith('-') ? -1 : 1;
    const rank = (one, other) => {
      if (one === null || other === null) return (one === null) - (other === null);
      return sign * (typeof one === 'number' ? one - other : compare(one, other));
    };
    return [...some].sort((one, other) => rank(one[name] ?? null, other[name] ?? null) || one.at - other.at);
  }

  function listPlans(some, atMost = PAGE_OF_ROWS) {
    order = sorted(some);
    const heads = COLUMNS.map(([head, name]) => {
      const now = state.sort === name ? 'ascending' : state.sort === `-${name}` ? 'descending' : null;
      const count = typeof plans[0]?.[name] === 'number' && name !== 'year_start';
      const next = now === null ? (count ? `-${name}` : name) : now === 'ascending' ? `-${name}` : name;
      const button = el('button', { type: 'button', class: 'sort', 'data-sort': name }, head,
        el('span', { 'aria-hidden': 'true' }, now === 'ascending' ? ' ▲' : now === 'descending' ? ' ▼' : ''));
      button.addEventListener('click', () => {
        change({ sort: next });
        $('plans').querySelector(`[data-sort="${name}"]`).focus();
      });
      return [button, now];
    });
    const shown = order.slice(0, atMost);
    const list = table(`${plural(some.length, 'plan')}; a head sorts by its column`, heads.map(([button]) => button),
      shown.map((plan) => COLUMNS.map(([, , cell]) => cell(plan))), { class: 'stack plans' });
    list.querySelectorAll('thead th').forEach((head, at) => heads[at][1] && head.setAttribute('aria-sort', heads[at][1]));
    list.querySelectorAll('[data-head]').forEach((cell) => { cell.dataset.head = cell.dataset.head.replace(/ [▲▼]$/, ''); });
    $('plans').replaceChildren(list);
    if (shown.length < order.length) {
      const more = el('button', { type: 'button' }, `Show ${Math.min(PAGE_OF_ROWS * 2, order.length - shown.length)} more`);
      more.addEventListener('click', () => {
        listPlans(some, atMost + PAGE_OF_ROWS * 2);
        $('plans').querySelectorAll('tbody tr')[atMost].querySelector('a').focus();
      });
      $('plans').append(el('p', {}, `${number(shown.length)} of ${number(order.length)} shown. `, more));
    }
  }

  // The overview

  const form = $('filters');
  const ANY = '*';

  function choices(name, any, values, named = (value) => value) {
    const select = form.elements[name];
    const known = [...new Set(values.map((value) => value ?? ''))];
    select.append(el('option', { value: ANY }, any), ...known.filter((value) => value !== '').map((value) =>
      el('option', { value: `=${value}`, lang: /[^\0-\x7f]/.test(value) ? 'zh-Hans' : null }, named(value))));
    if (known.includes('')) select.append(el('option', { value: '=' }, '(not known)'));
  }

  function prepare() {
    const last = plans.flatMap((plan) => (plan.year_start === null ? [] : [plan.year_start, plan.year_end ?? plan.year_start]));
    const covered = [];
    for (let year = Math.max(...last); last.length && year >= Math.min(...last); year--) {
      if (plans.some((plan) => plan.year_start !== null && plan.year_start <= year && year <= (plan.year_end ?? plan.year_start))) covered.push(String(year));
    }
    if (plans.some((plan) => plan.year_start === null)) covered.push('');
    const used = index.themes.map(({ code }) => code).sort();
    if (plans.some((plan) => !plan.themes.size)) used.push('');
    choices('region', 'all regions', plans.map((plan) => plan.region).sort((one, other) => compare(one ?? '', other ?? '')));
    choices('level', 'all levels', LEVELS.filter((level) => plans.some((plan) => (plan.level ?? '') === level)));
    choices('year', 'all years', covered);
    choices('kind', 'all kinds', plans.map((plan) => plan.kind).sort());
    choices('theme', 'all themes', used, themeText);
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('input', () => change(Object.fromEntries([...form.elements].filter((field) => field.name).map((field) =>
      [field.name, field.name === 'q' ? field.value.trim() || null : field.value === ANY ? null : field.value.slice(1)]))));
    form.addEventListener('reset', (event) => {
      event.preventDefault();
      change({ q: null, region: null, level: null, year: null, kind: null, theme: null, ...NO_BAR });
      form.elements.q.focus();
    });
    $('made').textContent = `${plural(plans.length, 'plan')} from ${plural(sources.length, 'file')}`
      + `${index.version ? `, read by planpipe ${index.version}` : ''}`;
    const failed = sources.filter((source) => source.status !== 'ok');
    $('failed').hidden = $('to-failed').hidden = !failed.length;
    if (failed.length) {
      $('failed').append(table(`${plural(failed.length, 'file')} not read, or read in part`, ['File', 'Status', 'What to do'],
        failed.map((source) => [el('bdi', {}, source.path), [source.status, source.error].filter(Boolean).join(': '),
          source.message ?? source.warnings.join('; ')]), { class: 'stack' }));
    }
  }

  /** Another state of the overview, without a step back to the one before. */
  function change(changes) {
    state = { ...state, ...changes };
    history.replaceState(null, '', address());
    draw();
  }

  let drawn = null; // the state that is on the page

  function draw() {
    for (const name of ['region', 'level', 'year', 'kind', 'theme']) {
      form.elements[name].value = state[name] === null ? ANY : `=${state[name]}`;
    }
    if (form.elements.q.value.trim() !== (state.q ?? '')) form.elements.q.value = state.q ?? '';
    const passing = plans.filter(passes);
    const counted = state.plot === null ? passing : passing.filter(share);
    const all = (name) => passing.reduce((total, plan) => total + plan[name], 0);
    $('status').textContent = `${number(passing.length)} of ${plural(plans.length, 'plan')}: ${plural(all('items'), 'item')}, `
      + `${plural(all('goals'), 'goal')}, ${plural(all('targets'), 'target')}, ${plural(all('deadlines'), 'deadline')}, `
      + `${plural(all('responsibilities'), 'charge')} to units`;
    drawPlots(passing);
    listPlans(counted);
    drawn = address();
    return listRows(order);
  }

  // A text with marks

  /** Write a stretch of text into an element, marks as elements of their own; one that crosses another is cut in two. */
  function write(into, content, start, stop, marks, element) {
    let at = start;
    const clean = (from, to) => content.raw(from, to).replace(/[ \u3000]*[\n\r][ \t\u3000]*/g, '');
    marks.forEach((mark, number_) => {
      const from = Math.max(mark.start, at);
      const to = Math.min(mark.stop, stop);
      if (from >= to) return;
      into.append(clean(at, from));
      const inner = element(mark);
      write(inner, content, from, to, marks.slice(number_ + 1).filter((other) => other.start < to && other.stop > from), element);
      into.append(inner);
      at = to;
    });
    into.append(clean(at, stop));
  }

  /** The lines of a stretch, without white space around them; a line break inside an item ends no line. */
  function linesOf(content, start, stop, marks) {
    const found = [];
    const add = (from, to) => {
      const text = content.raw(from, to);
      if (!text.trim()) return;
      found.push([from + Array.from(text.match(/^\s*/)[0]).length, to - Array.from(text.match(/\s*$/)[0]).length]);
    };
    let from = start;
    for (let at = start; at < stop; at++) {
      if (content.raw(at, at + 1) === '\n' && !marks.some((mark) => mark.start < at && at < mark.stop)) {
        add(from, at);
        from = at + 1;
      }
    }
    add(from, stop);
    return found;
  }

  /** Paragraphs, and tables where lines have tabs. */
  function paragraphs(content, start, stop, all, element) {
    const marks = all.filter((mark) => mark.start < stop && mark.stop > start);
    const blocks = [];
    let rows = null;
    for (const [from, to] of linesOf(content, start, stop, marks)) {
      const inside = marks.filter((mark) => mark.start < to && mark.stop > from);
      const cells = cellsIn(content, from, to);
      if (cells.length > 1) {
        if (!rows) {
          rows = el('tbody');
          blocks.push(el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of the plan' },
            el('table', { class: 'plain' }, el('caption', { class: 'unseen' }, 'Table of the plan'), rows)));
        }
        const row = el('tr');
        for (const [first, last] of cells) {
          const cell = el('td');
          write(cell, content, first, last, inside.filter((mark) => mark.start < last && mark.stop > first), element);
          row.append(cell);
        }
        rows.append(row);
      } else {
        rows = null;
        const line = el('p');
        write(line, content, from, to, inside, element);
        blocks.push(line);
      }
    }
    return blocks;
  }

  function cellsIn(content, start, stop) {
    const cells = [];
    let from = start;
    for (let at = start; at <= stop; at++) {
      if (at === stop || content.raw(at, at + 1) === '\t') {
        cells.push([from, at]);
        from = at + 1;
      }
    }
    return cells;
  }

  // A plan

  let open = null; // the plan that is shown: its elements by id, its rows by element

  const ORDER = ['items', 'goals', 'targets', 'deadlines', 'responsibilities'];

  function marksOf(content) {
    return ORDER.flatMap((name) => content[name])
      .sort((one, other) => one.start - other.start || other.stop - one.stop || ORDER.indexOf(one.layer) - ORDER.indexOf(other.layer));
  }

  function tree(plan, content, view) {
    const marks = marksOf(content);
    const element = (row) => {
      const first = !view.places.has(row.full);
      const made = row.layer === 'items' ? el('span', { class: 'item', tabindex: -1 })
        : el('mark', { class: row.layer, tabindex: first ? 0 : null, 'aria-roledescription': LAYERS[row.layer] });
      if (first) {
        made.id = row.full;
        view.places.set(row.full, made);
      }
      view.rows.set(made, row);
      return made;
    };
    const below = content.sections.map(() => []);
    const top = [];
    content.sections.forEach((section) => {
      section.at = content.sections.indexOf(section);
      section.counts = Object.fromEntries(Object.keys(LAYERS).map((name) =>
        [name, content[name].filter((row) => section.start <= row.start && row.start < section.stop).length]));
      (section.parent === null ? top : below[section.parent]).push(section);
    });

    function* pieces(start, stop, children, depth) {
      let at = start;
      for (const child of children) {
        if (child.start > at) yield* paragraphs(content, at, child.start, marks, element);
        yield node(child, depth);
        at = Math.max(at, child.stop);
      }
      if (stop > at) yield* paragraphs(content, at, stop, marks, element);
    }

    function node(section, depth) {
      const children = below[section.at];
      if (!section.heading && !children.length) {
        const box = el('div', { class: 'section', id: section.full, tabindex: -1 }, ...pieces(section.start, section.stop, [], depth));
        view.places.set(section.full, box);
        return box;
      }
      const heading = el(`h${Math.min(depth + 2, 6)}`, { lang: 'zh-Hans' });
      write(heading, content, section.start, section.body,
        marks.filter((mark) => mark.start < section.body && mark.stop > section.start), element);
      const told = Object.entries(section.counts).filter(([, count]) => count).map(([name, count]) => plural(count, LAYERS[name]));
      if (section.page !== null) told.push(`p. ${section.page}`);
      const box = el('details', { id: section.full, class: 'section', open: true },
        el('summary', {}, heading, el('span', { class: 'soft' }, told.join(' · '))),
        ...pieces(section.body, section.stop, children, depth + 1));
      view.places.set(section.full, box);
      return box;
    }

    return el('div', { class: 'text', id: 'text', lang: 'zh-Hans', tabindex: -1 },
      ...pieces(content.start, content.end, top, 1));
  }

  /** The rows of a layer, each a link to its place in the text. */
  function list(title, heads, rows, cells, isOpen) {
    if (!rows.length) return null;
    return el('details', { open: isOpen }, el('summary', {}, el('h2', {}, `${title} `, el('span', { class: 'soft' }, number(rows.length)))),
      table(`${title} of the plan; each leads to its sentence`, heads, rows.map(cells), { class: 'plain' }));
  }

  const to = (row, text) => el('a', { href: fragment(row.full), lang: 'zh-Hans' }, text);

  function about(plan) {
    const { file } = plan;
    const told = [['Issuer', plan.issuer && zh(plan.issuer)], ['Number', plan.doc_number && zh(plan.doc_number)],
      ['Region', plan.region && zh(plan.region)], ['Level', plan.level], ['Kind', plan.kind], ['Years', years(plan)],
      ['Issued', plan.issued_on], ['File', el('bdi', {}, file.path)],
      ['Format', [file.format, file.pages && plural(file.pages, 'page')].filter(Boolean).join(', ')],
      ['Read', file.status === 'ok' ? null : `${file.status}: ${file.message ?? ''}`],
      ['Recognised', file.ocr === null ? null : `by character recognition, mean confidence ${number(file.ocr)}`],
      ['Warnings', file.warnings.join('; ')], ['plan_id', el('code', {}, plan.plan_id)]];
    return el('dl', { class: 'about' }, ...told.filter(([, value]) => value).flatMap(([name, value]) =>
      [el('dt', {}, name), el('dd', {}, value)]));
  }

  function neighbours(plan) {
    const at = order.indexOf(plan);
    const step = (there, text) => (there ? el('a', { href: fragment(there.plan_id), title: there.name }, text) : null);
    return el('nav', { class: 'jump', 'aria-label': 'Plans' }, el('a', { href: drawn ?? '#', class: 'back' }, 'All plans'),
      step(order[at - 1], 'Previous'), at < 0 ? null : step(order[at + 1], 'Next'), el('a', { href: '#', 'data-skip': 'text' }, 'Skip to the text'));
  }

  async function showPlan(plan) {
    const content = await contentOf(plan);
    const view = { plan, places: new Map(), rows: new Map() };
    const article = $('plan');
    const text = tree(plan, content, view);
    const legend = el('fieldset', { class: 'legend' }, el('legend', { class: 'unseen' }, 'Show in the text'),
      ...Object.entries(LAYERS).map(([name, layer]) => {
        const box = el('input', { type: 'checkbox', checked: true });
        box.addEventListener('change', () => text.classList.toggle(`without-${name}`, !box.checked));
        return el('label', {}, box, ' ', el('mark', { class: name }, `${layer}s`));
      }));
    const all = el('button', { type: 'button' }, 'Fold all');
    all.addEventListener('click', () => {
      const unfold = all.textContent !== 'Fold all';
      text.querySelectorAll('details').forEach((details) => { details.open = unfold; });
      all.textContent = unfold ? 'Fold all' : 'Unfold all';
    });
    const isOpen = matchMedia('(min-width: 60rem)').matches;
    const lists = el('aside', { 'aria-label': 'What was found', class: 'found' },
      list('Targets', ['Indicator', 'Figure', 'Due'], content.targets,
        (row) => [to(row, row.indicator ?? row.text), figure(row), row.deadline ? time(row.deadline) : ''], isOpen),
      list('Deadlines', ['As written', 'Time'], content.deadlines, (row) => [to(row, row.text), time(row)], false),
      list('Units', ['Unit', 'Part'], content.responsibilities, (row) => [to(row, row.text), ROLE_NAMES[row.role]], false),
      list('Goals', ['Aim'], content.goals, (row) => [to(row, row.text)], false));
    article.replaceChildren(neighbours(plan), el('h1', { id: 'plan-title', lang: 'zh-Hans', tabindex: -1 }, plan.name), about(plan),
      el('div', { class: 'tools' }, legend, content.sections.length ? all : null), el('div', { class: 'columns' }, lists, text));
    open = view;
  }

  /** Go to a row of the plan that is shown, unfolding what it is in. */
  function goTo(id) {
    const place = open.places.get(id);
    open.places.forEach((each) => each.classList.remove('here', 'around'));
    if (!place) return false;
    for (let above = place.parentElement; above; above = above.parentElement) if (above.tagName === 'DETAILS') above.open = true;
    place.classList.add('here');
    place.closest('.item')?.classList.add('around');
    place.scrollIntoView({ block: place.matches('.section') ? 'start' : 'center' });
    (place.querySelector(':scope > summary') ?? place).focus({ preventScroll: true });
    return true;
  }

  // What is told of a mark that is pointed at, or that has the focus

  const tip = $('tip');
  let told = null; // the mark that it tells of

  function tell(mark) {
    const row = open.rows.get(mark);
    if (!row) return;
    const rows = [row];
    for (let above = mark.parentElement; above; above = above.parentElement) {
      const outer = open.rows.get(above);
      if (outer && outer.layer !== 'items') rows.push(outer);
    }
    tip.replaceChildren(...rows.map((each) => el('dl', { class: each.layer }, ...[
      [LAYERS[each.layer], each.layer === 'goals' ? 'an aim' : zh(said(each))],
      ['from', each.baseline === null || each.baseline === undefined ? null : number(each.baseline)],
      ['due', each.deadline ? zh(`${each.deadline.text} (${time(each.deadline)})`) : null],
      ['rule', each.rule],
      ['confidence', each.confidence === null ? 'not measured' : number(each.confidence)],
      ['page', each.page === null ? null : number(each.page)],
      ['themes', each === rows[rows.length - 1] && each.item?.themes.length ? each.item.themes.map(themeText).join(', ') : null],
      ['strength', each === rows[rows.length - 1] ? each.item?.strength : null],
    ].filter(([, value]) => value !== null && value !== undefined).flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]))));
    quiet();
    told = mark;
    mark.setAttribute('aria-describedby', 'tip');
    tip.hidden = false;
    const box = mark.getClientRects()[0];
    const { offsetWidth, offsetHeight } = tip;
    const below = box.bottom + offsetHeight + 4 < innerHeight;
    tip.style.left = `${Math.max(8, Math.min(box.left, document.documentElement.clientWidth - offsetWidth - 8))}px`;
    tip.style.top = `${below ? box.bottom + 2 : Math.max(4, box.top - offsetHeight - 2)}px`;
  }

  function quiet() {
    tip.hidden = true;
    told?.removeAttribute('aria-describedby');
    told = null;
  }

  const markAt = (target) => (target instanceof Element ? target.closest('#text mark') : null);
  document.addEventListener('mouseover', (event) => {
    const mark = markAt(event.target);
    if (mark) tell(mark);
    else if (told && !tip.contains(event.target) && document.activeElement !== told) quiet();
  });
  document.addEventListener('focusin', (event) => {
    const mark = markAt(event.target);
    if (mark) tell(mark);
    else quiet();
  });
  document.addEventListener('scroll', () => told && document.activeElement !== told && quiet(), { passive: true });

  // Ways through the page

  let back = null; // where the overview was left: how far down, and at which link

  async function route() {
    let asked = location.hash.slice(1);
    if (asked.startsWith('?') || asked === '') {
      const next = stateOf(asked.slice(1));
      const bars = (one) => JSON.stringify([one.plot, one.key, one.by]);
      const chosen = next.plot !== null && Object.hasOwn(PLOTS, next.plot) && bars(next) !== bars(state);
      const wasPlan = !$('plan').hidden;
      state = next;
      if (state.plot !== null && !Object.hasOwn(PLOTS, state.plot)) state = { ...state, ...NO_BAR };
      $('plan').hidden = true;
      $('overview').hidden = false;
      document.title = `Plans of ${index.name}`;
      quiet();
      const same = drawn === address();
      const rows = same ? null : draw();
      if (chosen && !same) {
        $('rows-title').scrollIntoView();
        $('rows-title').focus({ preventScroll: true });
      } else if (wasPlan && back) {
        if (same) back.link?.focus({ preventScroll: true });
        scrollTo(0, back.down);
      }
      await rows;
      return;
    }
    try {
      asked = decodeURIComponent(asked);
    } catch { /* a lone % stands for itself */ }
    let plan = asked;
    while (plan && !position.has(plan)) plan = plan.slice(0, Math.max(plan.lastIndexOf('.'), 0));
    if (!plan) {
      if (drawn === null) { state = stateOf(''); $('overview').hidden = false; draw(); }
      $('trouble').textContent = `No plan of this page, and no row of one, has the id ${asked}.`;
      $('trouble').hidden = false;
      return;
    }
    $('trouble').hidden = true;
    if (drawn === null) state = stateOf('');
    if (!$('overview').hidden) back = { down: scrollY, link: document.activeElement };
    const there = plans[position.get(plan)];
    const fresh = open?.plan !== there || $('plan').hidden;
    if (fresh) await showPlan(there);
    $('overview').hidden = true;
    $('plan').hidden = false;
    document.title = `${there.name} – Plans of ${index.name}`;
    const found = asked !== plan && goTo(asked);
    if (!found) {
      if (asked !== plan) {
        $('trouble').textContent = `This plan has no row ${asked}.`;
        $('trouble').hidden = false;
      }
      if (fresh) scrollTo(0, 0);
      $('plan-title').focus({ preventScroll: true });
    }
  }

  document.addEventListener('click', (event) => {
    const skip = event.target.closest?.('[data-skip]');
    if (skip) {
      event.preventDefault();
      const place = $(skip.dataset.skip);
      place.scrollIntoView();
      place.focus({ preventScroll: true });
      return;
    }
    const mark = markAt(event.target);
    const row = mark && open.rows.get(mark);
    if (row) {
      event.preventDefault(); // a mark in a heading does not fold it
      history.replaceState(null, '', fragment(row.full));
      tell(mark);
    }
  });
  document.addEventListener('keydown', (event) => {
    const mark = markAt(document.activeElement);
    if (event.key === 'Enter' && mark) {
      event.preventDefault();
      location.hash = fragment(open.rows.get(mark).full);
    }
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    if (!tip.hidden) quiet();
    else if (!$('plan').hidden) location.hash = drawn ?? '#';
    else if (state.plot !== null) {
      const name = state.plot;
      location.hash = address(NO_BAR);
      addEventListener('hashchange', () => $(`plot-${name}`).querySelector('a[tabindex="0"]')?.focus(), { once: true });
    }
  });
  addEventListener('hashchange', route);
  let waiting = 0;
  addEventListener('resize', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (!$('overview').hidden && +$('plots').dataset.width !== $('plots').clientWidth) drawPlots(plans.filter(passes));
    }, 150);
  });

  // On paper stands all that is chosen, unfolded
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll('#plan details:not([open])')];
    folded.forEach((details) => { details.open = true; });
    if (!$('overview').hidden) listPlans(order, Infinity);
  });
  addEventListener('afterprint', () => folded.forEach((details) => { details.open = false; }));

  prepare();
  await route();
  performance.mark('usable');
  document.documentElement.dataset.ready = '';
})();
