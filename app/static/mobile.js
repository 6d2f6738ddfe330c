// Small behaviours of the phone pages. Every page works without them.
(function () {
  'use strict';
  var dirty = false;

  function say(text) {
    var line = document.getElementById('live');
    if (!line) { return; }
    line.textContent = text;
    line.hidden = false;
    window.clearTimeout(say.timer);
    say.timer = window.setTimeout(function () { line.hidden = true; }, 6000);
  }

  function focusFirst(root) {
    var target = root.querySelector('[data-focus]');
    if (target) { target.focus({ preventScroll: true }); target.scrollIntoView({ block: 'start' }); }
  }

  // One press, one request: a slow network must not enter the same record twice.
  document.addEventListener('submit', function (event) {
    var form = event.target;
    dirty = false;
    if (!form.hasAttribute('data-once')) { return; }
    if (form.getAttribute('data-sent')) { event.preventDefault(); return; }
    form.setAttribute('data-sent', '1');
    var button = event.submitter;
    if (button) { button.setAttribute('aria-busy', 'true'); button.classList.add('disabled'); }
  });

  document.addEventListener('input', function (event) {
    if (event.target.form && event.target.form.hasAttribute('data-guard-leave')) { dirty = true; }
  });
  window.addEventListener('beforeunload', function (event) { if (dirty) { event.preventDefault(); event.returnValue = ''; } });
  window.addEventListener('pageshow', function () {
    document.querySelectorAll('[data-sent]').forEach(function (form) {
      form.removeAttribute('data-sent');
      form.querySelectorAll('.disabled[type=submit]').forEach(function (button) { button.classList.remove('disabled'); button.removeAttribute('aria-busy'); });
    });
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

  // How many photos were chosen: the input itself is out of sight.
  document.addEventListener('change', function (event) {
    var words = event.target.type === 'file' && event.target.parentElement.querySelector('[data-count]');
    if (!words) { return; }
    var chosen = event.target.files.length;
    words.textContent = chosen ? '已选 ' + chosen + ' 张' : words.getAttribute('data-count');
  });

  document.addEventListener('htmx:sendError', function () { say('网络不通，请检查网络后再试'); });
  document.addEventListener('htmx:timeout', function () { say('网络太慢，请稍后再试'); });
  document.addEventListener('htmx:responseError', function (event) {
    if (event.detail.xhr.status === 401) { window.location.assign('/login'); } else { say('没有成功，请稍后再试'); }
  });
  document.addEventListener('htmx:afterSwap', function (event) { focusFirst(event.target); });
  document.addEventListener('DOMContentLoaded', function () { focusFirst(document); });
}());
