// The plots: what their bars count, and how they are drawn.

const ROLES = ['lead', 'resp', 'support'];
const BARS = 15;
const MOST_PERIODS = 36; // bars of the time line, before it goes over to longer periods
const LEAST_SQUARE = 24; // px, the side of a square that has room for a number
const EM = 13; // px, the size of letters in plots

// Bars: each counts rows by a key and, within it, by something else

const padded = (digits, count) => String(digits).padStart(count, '0');
const monthOf = (at) => (at ? `${padded(Math.floor(at / 100), 4)}-${padded(at % 100, 2)}` : '');
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
    fits: within,
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
    about: 'Items that charge a unit, by its part in them: lead, charged (nothing said of its part), support.',
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
  const { fits = (key, asked) => key === asked } = PLOTS[state.plot];
  let rows = 0;
  for (const [key, by, count] of cellsOf(state.plot, plan)) {
    if ((state.key === null || fits(key, state.key)) && (state.by === null || by === state.by)) rows += count;
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

/** What a bar is called, by its key and the other key. */
const namesOf = (about, key, by) => [key === null ? null : about.name(key),
  by === null ? null : about.orderName?.(by) ?? (by || about.none)].filter((name) => name !== null);

/** A link on a plot to the rows that a bar counts. */
function bar(plot, key, by, count, place, ...shapes) {
  const about = PLOTS[plot];
  const label = `${namesOf(about, key, by).join(', ')}: ${plural(count, about.row)}`;
  const chosen = state.plot === plot && state.key === key && state.by === by;
  return svg('a', { href: address({ plot, key, by }), 'aria-label': label, 'aria-current': chosen ? 'true' : null,
    'data-row': place, tabindex: -1 }, svg('title', {}, label), ...shapes);
}

/**
 * One stop of the tab key for a plot; arrows go from bar to bar. The listeners are the figure's: Chromium makes
 * an <svg> that listens to the focus a stop of its own.
 */
function rove(figure) {
  const picture = figure.querySelector('.plot');
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
  figure.addEventListener('keydown', (event) => {
    if (!picture.contains(event.target) || !moves[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    moves[event.key]();
  });
  figure.addEventListener('focusin', (event) => {
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
  const names = rows.map(([key]) => (width < 480 ? themeNames.get(key) ?? key : themeText(key)));
  const left = Math.min(Math.max(...names.map(measure)) + 10, width * 0.42);
  const room = width - left - 40;
  const gapless = Array.from({ length: dated.length ? last - first + 1 : 0 }, (_, at) => String(first + at));
  // Years without a plan keep their place as long as that leaves room for numbers in the squares.
  const columns = room / gapless.length >= LEAST_SQUARE ? gapless : dated.map(String);
  if (found.includes('')) columns.push('');
  const side = Math.min(room / columns.length, 56);
  const height = 26;
  const most = Math.max(...rows.flatMap(([, row]) => [...row.values()]));
  const every = Math.ceil(38 / side);
  const heads = columns.map((year, at) => {
    const shown = year === '' || (columns.length - 1 - at) % every === 0 || side > 38;
    return shown && !(year !== '' && columns.includes('') && at === columns.length - 2 && side <= 38)
      ? letters(left + (at + 0.5) * side, 14, year || 'none', { 'text-anchor': 'middle', class: 'soft' })
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
        svg('rect', { x: left + column * side, y: top + 1, width: Math.max(side - 2, 2), height: height - 2,
          class: `tone-${tone}` }),
        side >= LEAST_SQUARE ? letters(left + (column + 0.5) * side - 1, top + 18, number(count),
          { 'text-anchor': 'middle', class: `on-tone-${tone}` }) : null));
    });
    return [...links, letters(left + columns.length * side + 6, top + 18, number(sum(row)), { class: 'soft' })];
  });
  return picture(name, width, 24 + rows.length * height, ...heads, ...children);
}

/** The months from the first to the last, put together into periods short enough to be told apart. */
function periods(months) {
  const count = (month) => 12 * month.slice(0, 4) + +month.slice(5) - 1;
  const [first, last] = [count(months[0]), count(months[months.length - 1])];
  const all = Array.from({ length: last - first + 1 }, (_, at) => first + at)
    .map((month) => monthOf(100 * Math.floor(month / 12) + (month % 12) + 1));
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
    const apart = every === 1; // each period has room for its name
    const text = apart || length === 'year' ? period : period.slice(0, 4);
    const place = apart ? x + (step - measure(text)) / 2 : x;
    const named = apart || (length === 'year' ? at % every === 0 : /-(01|Q1)$/.test(period));
    const fitting = named && place + measure(text) <= width + 4;
    const label = fitting ? letters(place, top + height + 18, text, { class: 'soft' }) : null;
    const count = totals.get(period);
    if (!count) return [label];
    const gap = Math.min(step * 0.1, 2);
    return [label, bar(name, period, null, count, 0,
      svg('rect', { x, y: top, width: step, height, class: 'behind' }),
      svg('rect', { x: x + gap, y: y(count), width: Math.max(step - 2 * gap, 1.5), height: top + height - y(count),
        class: 'time' }),
      step > 24 ? letters(x + step / 2, y(count) - 4, number(count), { 'text-anchor': 'middle' }) : null)];
  });
  return [length, totals, picture(name, width, top + height + 26, ...grid, ...columns.filter(Boolean))];
}

/** The numbers of a plot as a table, made when it is opened. */
function figures(name, heads, rows) {
  const details = el('details', {}, el('summary', {}, 'Figures as a table'));
  details.addEventListener('toggle', () => {
    if (details.open && details.children.length === 1) {
      details.append(el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': PLOTS[name].title },
        table(PLOTS[name].title, heads, rows(), { class: 'figures' })));
    }
  });
  return details;
}

const link = (name, key, by, text) => el('a', { href: address({ plot: name, key, by }) }, text);
const shownBars = { themes: 60, targets: BARS, units: BARS };

function plot(name, some, width) {
  const about = PLOTS[name];
  const counts = tally(name, some);
  const box = el('figure', { id: `plot-${name}` },
    el('figcaption', {}, el('h2', {}, about.title), el('p', { class: 'soft' }, about.about)));
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
      rove(box);
    }
    if (unsettled) {
      box.append(el('p', {}, link(name, '', null, plural(unsettled, 'time expression')),
        ' without a settled last day (most recur: 每月, 每学期) are not on the line.'));
    }
    return box;
  }
  const unnamed = counts.has('') && name === 'targets' ? sum(counts.get('')) : 0;
  const rows = [...counts].filter(([key]) => key || !unnamed).sort(([, one], [, other]) => sum(other) - sum(one));
  const shown = rows.slice(0, shownBars[name]);
  const drawing = name === 'themes' ? squares(shown, width) : bars(name, shown, width);
  if (about.order) {
    const present = about.order.filter((by) => shown.some(([, row]) => row.get(by)));
    box.append(el('ul', { class: 'legend' }, ...present.map((by) => el('li', {},
      svg('svg', { width: 12, height: 12, 'aria-hidden': 'true' }, svg('rect', { width: 12, height: 12,
        class: `${name === 'units' ? 'role' : 'level'}-${by || 'none'}` })), ` ${about.orderName(by)}`))));
  }
  box.append(drawing);
  rove(box);
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
  if (unnamed) {
    box.append(el('p', {}, link(name, '', null, plural(unnamed, 'target')),
      ' for which no indicator was found are not among the bars.'));
  }
  const bys = about.order ?? [...new Set(shown.flatMap(([, row]) => [...row.keys()]))]
    .sort((one, other) => !one - !other || one - other); // years, what has none last
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
