import { createRoot } from 'react-dom/client';

import { startServices } from '../host/services';

import { Page } from './Page';

/** Starts what stands for Grafana, then shows the page. */
export async function start() {
  const services = await startServices();
  const root = document.getElementById('root');
  if (!root) {
    throw new Error('The page has no element #root.');
  }
  createRoot(root).render(<Page services={services} />);
}
