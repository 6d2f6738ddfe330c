// Small behaviours of the PC console. Every page works without them.
(function () {
  'use strict';
  var root = document.documentElement;
  var dirty = false;

  function all(selector, from) { return Array.prototype.slice.call((from || document).querySelectorAll(selector)); }

  function say(text) {
    var line = document.getElementById('live');
    if (!line) { return; }
    line.textContent = text;
    line.hidden = false;
    window.clearTimeout(say.timer);
    say.timer = window.setTimeout(function () { line.hidden = true; }, 6000);
  }

  function focusFirst(from) {
    var target = from.querySelector('[data-focus]');
    if (target) { target.focus({ preventScroll: true }); target.scrollIntoView({ block: 'nearest' }); }
  }

  // Menus are <details>: close on a click elsewhere and on Escape.
  function closeMenus(except) {
    all('[data-menu][open]').forEach(function (menu) { if (menu !== except) { menu.open = false; } });
  }

  function toggleTree(button, open) {
    var level = document.getElementById(button.getAttribute('aria-controls'));
    button.setAttribute('aria-expanded', String(open));
    if (level) { level.hidden = !open; }
  }

  document.addEventListener('click', function (event) {
    var target = event.target;
    var toggle = target.closest('.tree-toggle');
    closeMenus(target.closest('[data-menu]'));
    if (toggle) { toggleTree(toggle, toggle.getAttribute('aria-expanded') !== 'true'); }
    if (target.closest('[data-side-toggle]')) {
      var closed = root.classList.toggle('side-closed');
      // Read by the server, so that the next page is drawn the same way at once.
      document.cookie = 'desk_side=' + (closed ? 'closed' : 'open') + ';path=/desk;max-age=31536000;samesite=lax';
      target.closest('[data-side-toggle]').setAttribute('aria-expanded', String(!closed));
    }
    [['[data-side-drawer]', 'side-shown'], ['[data-nav-toggle]', 'nav-shown']].forEach(function (pair) {
      var button = target.closest(pair[0]);
      if (button) { button.setAttribute('aria-expanded', String(root.classList.toggle(pair[1]))); }
    });
  });

  // Arrow keys in the unit tree: up and down walk, right opens, left closes or goes to the parent.
  function treeKey(event) {
    var tree = event.target.closest('[data-tree]');
    if (!tree) { return; }
    var links = all('.tree-link', tree).filter(function (link) { return link.offsetParent !== null; });
    var node = event.target.closest('.tree-node');
    var link = node && node.querySelector('.tree-link');
    var toggle = node && node.querySelector(':scope > .tree-row > .tree-toggle');
    var open = toggle && toggle.getAttribute('aria-expanded') === 'true';
    var at = links.indexOf(link);
    var next = null;
    if (event.key === 'ArrowDown') { next = links[at + 1]; }
    if (event.key === 'ArrowUp') { next = links[at - 1]; }
    if (event.key === 'Home') { next = links[0]; }
    if (event.key === 'End') { next = links[links.length - 1]; }
    if (event.key === 'ArrowRight' && toggle && !open) { toggle.click(); event.preventDefault(); }
    if (event.key === 'ArrowRight' && open) { next = links[at + 1]; }
    if (event.key === 'ArrowLeft' && open) { toggle.click(); event.preventDefault(); }
    if (event.key === 'ArrowLeft' && !open && node) {
      var parent = node.parentElement.closest('.tree-node');
      next = parent && parent.querySelector('.tree-link');
    }
    if (next) { next.focus(); event.preventDefault(); }
  }

  document.addEventListener('keydown', function (event) {
    if (event.key === 'Escape') {
      var menu = event.target.closest('[data-menu][open]');
      closeMenus(null);
      root.classList.remove('side-shown', 'nav-shown');
      if (menu) { menu.querySelector('summary').focus(); }
    }
    treeKey(event);
  });

  document.addEventListener('submit', function (event) {
    var form = event.target;
    dirty = false;
    if (form.hasAttribute('data-skip-empty')) {
      // Empty filters stay out of the address.
      all('input, select', form).forEach(function (input) { if (!input.value && input.name) { input.disabled = true; } });
    }
    if (!form.hasAttribute('data-once')) { return; }
    if (form.getAttribute('data-sent')) { event.preventDefault(); return; }
    form.setAttribute('data-sent', '1');
    if (event.submitter) { event.submitter.setAttribute('aria-busy', 'true'); event.submitter.classList.add('disabled'); }
  });

  document.addEventListener('input', function (event) {
    if (event.target.form && event.target.form.hasAttribute('data-guard-leave')) { dirty = true; }
  });
  window.addEventListener('beforeunload', function (event) { if (dirty) { event.preventDefault(); event.returnValue = ''; } });
  window.addEventListener('pageshow', function () {
    all('[data-sent]').forEach(function (form) {
      form.removeAttribute('data-sent');
      all('.disabled[type=submit]', form).forEach(function (button) { button.classList.remove('disabled'); button.removeAttribute('aria-busy'); });
    });
    all('[data-skip-empty] :disabled').forEach(function (input) { input.disabled = false; });
  });

  // A person ticked among the found ones joins the chosen ones.
  document.addEventListener('change', function (event) {
    var found = event.target.closest('[data-people-found]');
    if (!found || !event.target.checked) { return; }
    var list = found.closest('[data-people]').querySelector('[data-people-list]');
    var none = list.querySelector('[data-people-none]');
    var same = list.querySelector('input[value="' + CSS.escape(event.target.value) + '"]');
    if (none) { none.remove(); }
    if (same) { same.checked = true; event.target.closest('.person').remove(); } else { list.appendChild(event.target.closest('.person')); }
  });

  document.addEventListener('htmx:sendError', function () { say('网络不通，请检查网络后再试'); });
  document.addEventListener('htmx:timeout', function () { say('网络太慢，请稍后再试'); });
  document.addEventListener('htmx:responseError', function (event) {
    if (event.detail.xhr.status === 401) { window.location.assign('/login'); } else { say('没有成功，请稍后再试'); }
  });
  document.addEventListener('htmx:afterSwap', function (event) { focusFirst(event.target); });
  document.addEventListener('DOMContentLoaded', function () {
    var here = document.querySelector('.tree-node.is-active > .tree-row');
    var box = here && here.closest('.tree');
    if (box && here.offsetTop - box.offsetTop > box.clientHeight - 60) { box.scrollTop = here.offsetTop - box.offsetTop - 120; }
    focusFirst(document);
  });
}());
