// A tick that shows what was typed as a password. Without JavaScript it stays hidden and nothing is lost.
(function () {
  'use strict';
  document.querySelectorAll('[data-show-password]').forEach(function (box) {
    var form = box.closest('form');
    var secrets = form.querySelectorAll('input[type=password]');
    var tick = box.querySelector('input');
    function show() { secrets.forEach(function (input) { input.type = tick.checked ? 'text' : 'password'; }); }
    box.hidden = false;
    tick.checked = false;
    tick.addEventListener('change', show);
    // Browsers keep and autofill by type: it leaves as a password.
    form.addEventListener('submit', function () { secrets.forEach(function (input) { input.type = 'password'; }); });
  });
}());
