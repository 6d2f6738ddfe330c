// The API page: everything from this server, nothing sent to any validator.
(function () {
  'use strict';
  window.addEventListener('load', function () {
    var place = document.getElementById('docs');
    window.SwaggerUIBundle({
      url: place.getAttribute('data-url'),
      domNode: place,
      deepLinking: true,
      docExpansion: 'list',
      defaultModelsExpandDepth: 0,
      showExtensions: true,
      filter: true,
      validatorUrl: null,
      queryConfigEnabled: false
    });
  });
}());
