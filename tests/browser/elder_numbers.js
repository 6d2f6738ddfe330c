// Measures the page it runs in; see elder_numbers.py. Returns the faults, each beginning with its kind.
(want) => {
  const faults = [];
  const say = (kind, what, element) => {
    const words = (element.textContent || element.getAttribute('aria-label') || element.name || element.tagName);
    faults.push(kind + ': ' + what + ' 「' + words.trim().replace(/\s+/g, ' ').slice(0, 20) + '」');
  };
  const shown = (element) => {
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    return box.width > 0 && box.height > 0 && style.visibility !== 'hidden' && style.opacity !== '0'
      && !element.closest('.visually-hidden, .skip');
  };
  const rgba = (text) => {
    const parts = (text.match(/-?[\d.]+(e-?\d+)?/g) || []).map(Number);
    if (text.startsWith('color(')) { return [parts[0] * 255, parts[1] * 255, parts[2] * 255, parts[3] ?? 1]; }
    return [parts[0] || 0, parts[1] || 0, parts[2] || 0, parts.length > 3 ? parts[3] : 1];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const light = (color) => {
    const part = color.slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
  };
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  // Every colour that may lie behind: the layers up to the first opaque one; a gradient counts with each of its stops.
  const grounds = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const style = getComputedStyle(each), flat = rgba(style.backgroundColor);
      const stops = style.backgroundImage.includes('gradient') ? style.backgroundImage.match(/rgba?\([^)]*\)/g) || [] : [];
      if (stops.length) { layers.push(stops.map(rgba)); }
      if (flat[3] > 0) { layers.push([flat]); }
      if (flat[3] === 1 || (stops.length && stops.every((stop) => rgba(stop)[3] === 1))) { break; }
    }
    let found = [[255, 255, 255]];
    layers.reverse().forEach((choices) => { found = choices.flatMap((top) => found.map((below) => over(top, below))); });
    return found;
  };
  const type = (element) => {
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    if (size < want.step - 0.01) { say('type', size + ' < ' + want.step, element); }
    const lines = style.lineHeight === 'normal' ? 1.2 : parseFloat(style.lineHeight) / size;
    if (lines < want.line - 0.005) { say('line', lines.toFixed(2) + ' < ' + want.line, element); }
    const worst = Math.min(...grounds(element).map((ground) => ratio(over(rgba(style.color), ground), ground)));
    if (worst < want.contrast - 0.005) { say('contrast', worst.toFixed(2) + ' < ' + want.contrast, element); }
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || element.closest('script, style, noscript, option, [aria-hidden=true]')) { continue; }
    if (shown(element)) { type(element); }
  }
  const inputs = [...document.querySelectorAll('input:not([type=hidden]), select, textarea')].filter(shown);
  inputs.forEach((input) => {
    if (!['checkbox', 'radio'].includes(input.type)) { type(input); }
    if (!(input.labels && input.labels.length) && !input.getAttribute('aria-label') && !input.getAttribute('aria-labelledby')) {
      say('label', 'an input without a label', input);
    }
  });
  document.querySelectorAll('a, button, summary, [role=button], input:not([type=hidden]), select, textarea').forEach((target) => {
    if (!shown(target)) { return; }
    const box = (target.closest('label') || target).getBoundingClientRect();
    const least = target.closest('main, header') ? want.main : want.other;
    if (box.width < least - 0.5 || box.height < least - 0.5) {
      say('target', Math.round(box.width) + '×' + Math.round(box.height) + ' < ' + least, target);
    }
  });
  const root = document.documentElement, wide = root.clientWidth;
  if (root.scrollWidth > wide) { say('sideways', root.scrollWidth + ' > ' + wide, root.querySelector('title') || root); }
  document.querySelectorAll('body *').forEach((each) => {
    const style = getComputedStyle(each), box = each.getBoundingClientRect();
    if (!shown(each)) { return; }
    if (box.right > wide + 1 || box.left < -1) { say('sideways', Math.round(box.left) + '…' + Math.round(box.right), each); }
    const scrolls = ['auto', 'scroll', 'hidden', 'clip'].includes(style.overflowX) && style.display !== 'inline';
    if (scrolls && each.scrollWidth > each.clientWidth + 1) { say('sideways', 'cut off or to be swiped', each); }
    if (style.position === 'fixed' || style.position === 'sticky') { say('floating', style.position, each); }
  });
  document.querySelectorAll('dialog[open], [role=dialog], [role=alertdialog], [popover]').forEach((each) => {
    if (shown(each)) { say('pop-up', each.tagName.toLowerCase(), each); }
  });
  return [...new Set(faults)];
}
