const path = require('node:path');

/** Where the workbench's packages are: those of Grafana 13.2, with React 19. */
const workbench = path.join(__dirname, 'workbench');

/** What Grafana shares with its plugins, and what belongs to it. */
const shared =
  /^(@emotion\/css|@grafana\/(data|e2e-selectors|i18n|runtime|schema|ui)|i18next|lodash|react|react-dom|rxjs)(\/|$)/;

/** Takes the shared libraries from the workbench, whoever asks for them, and all else from where it is. */
module.exports = (request, options) => {
  const basedir = shared.test(request) && !options.basedir.startsWith(workbench) ? workbench : options.basedir;
  return options.defaultResolver(request, { ...options, basedir });
};
