// Ways through the page. Where one is stands in the fragment:
//   #?q=…&level=…                     the overview, its filters, and with plot, key and by the bar that was chosen
//   #PLAN_ID, #TARGET_ID, #ITEM_ID …  a plan, at the place of that row of a table

let back = null; // where the overview was left: how far down, and at which link

async function route() {
  const here = location.hash;
  let asked = here.slice(1);
  if (asked.startsWith('?') || asked === '') {
    const next = stateOf(asked.slice(1));
    const bars = (one) => JSON.stringify([one.plot, one.key, one.by]);
    const chosen = next.plot !== null && Object.hasOwn(PLOTS, next.plot) && bars(next) !== bars(state);
    const wasPlan = !$('plan').hidden;
    state = next;
    if (state.plot !== null && !Object.hasOwn(PLOTS, state.plot)) state = { ...state, ...NO_BAR };
    $('plan').hidden = $('trouble').hidden = true;
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
  if (fresh) {
    const content = await contentOf(there);
    if (location.hash !== here) return; // one has gone on meanwhile
    showPlan(there, content);
  }
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

let steps = 0; // the number of the last one

/** Go where the address says; until it is shown, the page says that it is busy. */
async function follow() {
  const step = ++steps;
  $('main').setAttribute('aria-busy', 'true');
  try {
    await route();
  } finally {
    if (step === steps) $('main').setAttribute('aria-busy', 'false');
  }
}

addEventListener('hashchange', follow);
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
await follow();
performance.mark('usable');
