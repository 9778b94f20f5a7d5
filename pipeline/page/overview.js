// The overview: its state, the rows that a bar counts, the table of plans and its filters.

const PAGE_OF_ROWS = 50;
const LEVELS = ['national', 'province', 'city', 'county', 'town', 'school', ''];

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

const unknownYears = (plan) => plan.year_start === null;
const covers = (plan, year) => !unknownYears(plan)
  && plan.year_start <= year && year <= (plan.year_end ?? plan.year_start);

function passes(plan) {
  const is = (asked, value) => asked === null || asked === (value ?? '');
  const year = state.year === null || (state.year === '' ? unknownYears(plan) : covers(plan, +state.year));
  return year && is(state.region, plan.region) && is(state.level, plan.level) && is(state.kind, plan.kind)
    && (state.theme === null || (state.theme === '' ? !plan.themes.size : plan.themes.has(state.theme)))
    && (state.q ?? '').toLowerCase().split(/\s+/).every((word) => plan.words.includes(word));
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
  const names = namesOf(about, state.key, state.by);
  const body = el('tbody', { role: 'rowgroup' });
  const rows = table(`${names.join(', ')}: the ${about.row}s that the bar counts`,
    ['Sentence', 'Value', 'Plan', 'Year'], [], { class: 'stack rows' });
  rows.caption.className = 'unseen';
  rows.tBodies[0].replaceWith(body);
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
  write(words, content, whole.from, whole.to, row === whole ? [] : [row], (each) => el('mark', { class: each.layer }));
  const title = el('a', { href: fragment(plan.plan_id), lang: 'zh-Hans' }, plan.name);
  const cells = [words, about.value(row), title, years(plan)];
  return el('tr', { role: 'row' }, ...['Sentence', 'Value', 'Plan', 'Year'].map((head, at) =>
    el(at ? 'td' : 'th', { role: at ? 'cell' : 'rowheader', scope: at ? null : 'row', 'data-head': head }, cells[at])));
}

// The table of plans

const COLUMNS = [
  ['Plan', 'title', (plan) => el('span', { lang: 'zh-Hans' }, el('a', { href: fragment(plan.plan_id) }, plan.name),
    el('span', { class: 'soft under' },
      [plan.issuer, plan.doc_number].filter(Boolean).join(' · ') || plan.file.path))],
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
  const value = (plan) => (name === 'level' && plan.level ? LEVELS.indexOf(plan.level) : plan[name] ?? null);
  const rank = (one, other) => {
    if (one === null || other === null) return (one === null) - (other === null);
    return sign * (typeof one === 'number' ? one - other : compare(one, other));
  };
  return [...some].sort((one, other) => rank(value(one), value(other)) || one.at - other.at);
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
  list.querySelectorAll('[data-head]').forEach((cell) => {
    cell.dataset.head = cell.dataset.head.replace(/ [▲▼]$/, '');
  });
  $('plans').replaceChildren(list);
  if (shown.length < order.length) {
    const next = Math.min(PAGE_OF_ROWS * 2, order.length - shown.length);
    const more = el('button', { type: 'button' }, `Show ${next} more`);
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
  const dated = plans.filter((plan) => !unknownYears(plan));
  const first = dated.reduce((year, plan) => Math.min(year, plan.year_start), Infinity);
  const last = dated.reduce((year, plan) => Math.max(year, plan.year_end ?? plan.year_start), -Infinity);
  const covered = [];
  for (let year = last; year >= first; year--) if (dated.some((plan) => covers(plan, year))) covered.push(String(year));
  if (plans.some(unknownYears)) covered.push('');
  const used = index.themes.map(({ code }) => code).sort();
  if (plans.some((plan) => !plan.themes.size)) used.push('');
  choices('region', 'all regions', plans.map((plan) => plan.region ?? '').sort(compare));
  choices('level', 'all levels', LEVELS.filter((level) => plans.some((plan) => (plan.level ?? '') === level)));
  choices('year', 'all years', covered);
  choices('kind', 'all kinds', plans.map((plan) => plan.kind).sort());
  choices('theme', 'all themes', used, themeText);
  form.addEventListener('submit', (event) => event.preventDefault());
  const asked = ({ name, value }) => (name === 'q' ? value.trim() || null : value === ANY ? null : value.slice(1));
  form.addEventListener('input', () => change(Object.fromEntries(
    [...form.elements].filter((field) => field.name).map((field) => [field.name, asked(field)]))));
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
    const caption = `${plural(failed.length, 'file')} not read, or read in part`;
    $('failed').append(table(caption, ['File', 'Status', 'What to do'],
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
  const counts = [['items', 'item'], ['goals', 'goal'], ['targets', 'target'], ['deadlines', 'deadline'],
    ['responsibilities', 'charge']]
    .map(([name, one]) => plural(passing.reduce((all, plan) => all + plan[name], 0), one)).join(', ');
  $('status').textContent = `${number(passing.length)} of ${plural(plans.length, 'plan')}: ${counts} to units`;
  drawPlots(passing);
  listPlans(counted);
  drawn = address();
  return listRows(order);
}
