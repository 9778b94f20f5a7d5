// A plan: its text with marks, in its section tree, and the lists that lead into it.

// A text with marks

/** Write a stretch of text into an element, marks as elements of their own; one that crosses another is cut in two. */
function write(into, content, start, stop, marks, element) {
  let at = start;
  const clean = (from, to) => joined(content.raw(from, to));
  marks.forEach((mark, place) => {
    const from = Math.max(mark.from, at);
    const to = Math.min(mark.to, stop);
    if (from >= to) return;
    into.append(clean(at, from));
    const inner = element(mark);
    const within = marks.slice(place + 1).filter((other) => other.from < to && other.to > from);
    write(inner, content, from, to, within, element);
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
    if (content.char(at) === '\n' && !marks.some((mark) => mark.from < at && at < mark.to)) {
      add(from, at);
      from = at + 1;
    }
  }
  add(from, stop);
  return found;
}

/** Paragraphs, and tables where lines have tabs. */
function paragraphs(content, start, stop, all, element) {
  const marks = all.across(start, stop);
  const blocks = [];
  let rows = null;
  for (const [from, to] of linesOf(content, start, stop, marks)) {
    const inside = marks.filter((mark) => mark.from < to && mark.to > from);
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
        write(cell, content, first, last, inside.filter((mark) => mark.from < last && mark.to > first), element);
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
    if (at === stop || content.char(at) === '\t') {
      cells.push([from, at]);
      from = at + 1;
    }
  }
  return cells;
}

// A plan

let open = null; // the plan that is shown: its elements by id, its rows by element

const ORDER = ['items', 'goals', 'targets', 'deadlines', 'responsibilities'];

/** Rows in the order of the text, so that those of a stretch are found without going through all of them. */
function ordered(rows) {
  const all = [...rows].sort((one, other) => one.from - other.from || other.to - one.to
    || ORDER.indexOf(one.layer) - ORDER.indexOf(other.layer));
  const longest = all.reduce((length, row) => Math.max(length, row.to - row.from), 0);
  const first = (offset) => { // the number of the first row that begins there or later
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (all[middle].from < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    beginning: (start, stop) => first(stop) - first(start),
    across: (start, stop) => all.slice(first(start - longest), first(stop)).filter((row) => row.to > start),
  };
}

function tree(plan, content, view) {
  const marks = ordered(ORDER.flatMap((name) => content[name]));
  const layers = Object.entries(LAYERS).map(([name, layer]) => [layer, ordered(content[name])]);
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
  content.sections.forEach((section, at) => {
    section.at = at;
    (section.parent === null ? top : below[section.parent]).push(section);
  });

  function* pieces(start, stop, children, depth) {
    let at = start;
    for (const child of children) {
      if (child.from > at) yield* paragraphs(content, at, child.from, marks, element);
      yield node(child, depth);
      at = Math.max(at, child.to);
    }
    if (stop > at) yield* paragraphs(content, at, stop, marks, element);
  }

  function node(section, depth) {
    const children = below[section.at];
    if (!section.heading && !children.length) {
      const box = el('div', { class: 'section', id: section.full, tabindex: -1 },
        ...pieces(section.from, section.to, [], depth));
      view.places.set(section.full, box);
      return box;
    }
    const heading = el(`h${Math.min(depth + 2, 6)}`, { lang: 'zh-Hans' });
    write(heading, content, section.from, section.body, marks.across(section.from, section.body), element);
    const told = layers.map(([layer, rows]) => [rows.beginning(section.from, section.to), layer])
      .filter(([count]) => count).map(([count, layer]) => plural(count, layer));
    if (section.page !== null) told.push(`p. ${section.page}`);
    const box = el('details', { id: section.full, class: 'section', open: true },
      el('summary', {}, heading, el('span', { class: 'soft' }, told.join(' · '))),
      ...pieces(section.body, section.to, children, depth + 1));
    view.places.set(section.full, box);
    return box;
  }

  return el('div', { class: 'text', id: 'text', lang: 'zh-Hans', tabindex: -1 },
    ...pieces(content.start, content.end, top, 1));
}

/** The rows of a layer, each a link to its place in the text. */
function list(title, heads, rows, cells, isOpen) {
  if (!rows.length) return null;
  const heading = el('h2', {}, `${title} `, el('span', { class: 'soft' }, number(rows.length)));
  return el('details', { open: isOpen }, el('summary', {}, heading),
    table(`${title} of the plan; each leads to its sentence`, heads, rows.map(cells), { class: 'plain' }));
}

/** A short text that is not broken over lines. */
const unbroken = (text) => (text.length < 16 ? el('span', { class: 'unbroken' }, text) : text);
const to = (row, text) => el('a', { href: fragment(row.full), lang: 'zh-Hans' }, text);

function about(plan) {
  const { file } = plan;
  const versions = plans.filter((other) => other !== plan && other.cluster_id && other.cluster_id === plan.cluster_id);
  const told = [['Issuer', plan.issuer && zh(plan.issuer)], ['Number', plan.doc_number && zh(plan.doc_number)],
    ['Region', plan.region && zh(plan.region)], ['Level', plan.level], ['Kind', plan.kind], ['Years', years(plan)],
    ['Issued', plan.issued_on], ['File', el('bdi', {}, file.path)],
    ['Format', [file.format, file.pages && plural(file.pages, 'page')].filter(Boolean).join(', ')],
    ['Read', file.status === 'ok' ? null : `${file.status}: ${file.message ?? ''}`],
    ['Recognised', file.ocr === null ? null : `by character recognition, mean confidence ${number(file.ocr)}`],
    ['Versions', versions.length && el('span', {}, ...versions.flatMap((other, at) =>
      [at ? ', ' : '', el('a', { href: fragment(other.plan_id), lang: 'zh-Hans' }, other.name)]))],
    ['Warnings', file.warnings.join('; ')], ['plan_id', el('code', {}, plan.plan_id)]];
  return el('dl', { class: 'about' }, ...told.filter(([, value]) => value).flatMap(([name, value]) =>
    [el('dt', {}, name), el('dd', {}, value)]));
}

function neighbours(plan) {
  const at = order.indexOf(plan);
  const step = (there, text) => (there ? el('a', { href: fragment(there.plan_id), title: there.name }, text) : null);
  return el('nav', { class: 'jump', 'aria-label': 'Plans' },
    el('a', { href: drawn ?? '#' }, 'All plans'),
    step(order[at - 1], 'Previous'), at < 0 ? null : step(order[at + 1], 'Next'),
    el('a', { href: '#text', 'data-skip': 'text' }, 'Skip to the text'));
}

function showPlan(plan, content) {
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
      (row) => [to(row, row.indicator ?? row.text), unbroken(figure(row)), row.deadline ? unbroken(time(row.deadline)) : ''],
      isOpen),
    list('Deadlines', ['As written', 'Time'], content.deadlines, (row) => [to(row, row.text), unbroken(time(row))], false),
    list('Units', ['Unit', 'Part'], content.responsibilities, (row) => [to(row, row.text), ROLE_NAMES[row.role]],
      false),
    list('Goals', ['Aim'], content.goals, (row) => [to(row, row.text)], false));
  article.replaceChildren(neighbours(plan),
    el('h1', { id: 'plan-title', lang: 'zh-Hans', tabindex: -1 }, plan.name), about(plan),
    el('div', { class: 'tools' }, legend, ...(content.sections.length ? [all] : [])),
    el('div', { class: 'columns' }, lists, text));
  open = view;
}

/** Go to a row of the plan that is shown, unfolding what it is in. */
function goTo(id) {
  const place = open.places.get(id);
  $('plan').querySelectorAll('.here, .around').forEach((each) => each.classList.remove('here', 'around'));
  if (!place) return false;
  for (let above = place.closest('details'); above; above = above.parentElement.closest('details')) above.open = true;
  place.classList.add('here');
  const [own, item] = [open.rows.get(place), open.rows.get(place.closest('.item'))];
  open.rows.forEach((row, each) => { // cells and headings cut what goes over their ends into parts
    if (row === own) each.classList.add('here');
    if (row === item) each.classList.add('around');
  });
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
  const outermost = rows[rows.length - 1];
  const themes = outermost.item?.themes.map(themeText).join(', ');
  tip.replaceChildren(...rows.map((each) => el('dl', { class: each.layer }, ...[
    [LAYERS[each.layer], each.layer === 'goals' ? 'an aim' : zh(said(each))],
    ['from', each.baseline === null || each.baseline === undefined ? null : number(each.baseline)],
    ['due', each.deadline ? zh(`${each.deadline.text} (${time(each.deadline)})`) : null],
    ['rule', each.rule],
    ['confidence', each.confidence === null ? 'not measured' : number(each.confidence)],
    ['page', each.page === null ? null : number(each.page)],
    ['themes', (each === outermost && themes) || null],
    ['strength', each === outermost ? each.item?.strength : null],
  ].filter(([, value]) => value !== null && value !== undefined)
    .flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]))));
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
