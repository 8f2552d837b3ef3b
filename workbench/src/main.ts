// The order matters: Grafana's packages read their settings when they are first imported.
import './host/bootData';
import './host/monaco';

import('./page/start')
  .then(({ start }) => start())
  .catch((error: unknown) => {
    console.error(error);
    document.body.textContent = `The workbench did not start: ${error instanceof Error ? error.message : String(error)}`;
  });
