import { CoreApp } from '@grafana/data';
import { screen, waitFor } from '@testing-library/react';

import { choose, edit } from '../test/editing';
import { cpu, memory, range } from '../test/fixtures';

describe('the profile type', () => {
  it('is chosen by name, in groups, with unit', async () => {
    const { user, last, onRunQuery } = await edit();
    expect(screen.getByLabelText('Profile type')).toHaveValue('CPU time (ns)');
    await user.click(screen.getByLabelText('Profile type'));
    await screen.findByRole('option', { name: /Memory in use/ });
    const groups = screen.getAllByRole('presentation').map((group) => group.textContent);
    expect(groups.join()).toMatch(/CPU.*Memory.*Template variables/);
    await user.click(screen.getByRole('option', { name: /Memory in use \(bytes\)/ }));
    expect(last()?.profileTypeId).toBe(memory);
    expect(onRunQuery).toHaveBeenCalledTimes(1);
  });

  it('can be a variable', async () => {
    const { user, last } = await edit();
    await choose(user, 'Profile type', '$env');
    expect(last()?.profileTypeId).toBe('$env');
  });

  it('is shown although the range has none of it', async () => {
    await edit({ profileTypeId: 'mutex:delay:nanoseconds:mutex:count' });
    expect(screen.getByLabelText('Profile type')).toHaveValue('Time waiting for locks (ns)');
  });

  it('is one of those that the chosen service has', async () => {
    const { user, resources } = await edit({ labelSelector: '{service_name="cart", pod="x"}' });
    const ofCart = expect.objectContaining({ query: '{service_name="cart"}' });
    expect(resources).toHaveBeenCalledWith('profileTypes', ofCart);
    await choose(user, 'Service', 'checkout');
    const ofCheckout = expect.objectContaining({ query: '{service_name="checkout"}' });
    await waitFor(() => expect(resources).toHaveBeenCalledWith('profileTypes', ofCheckout));
  });

  it('that is typed and that the service does not have is told', async () => {
    const { user, last } = await edit();
    expect(screen.queryByRole('status')).not.toBeInTheDocument();
    await user.type(screen.getByLabelText('Profile type'), 'wall:wall:nanoseconds:wall:nanoseconds{Enter}');
    await waitFor(() => expect(last()?.profileTypeId).toBe('wall:wall:nanoseconds:wall:nanoseconds'));
    expect(screen.getByRole('status')).toHaveTextContent('cart has no profiles of this type in this range');
  });

  it.each([
    ['that there is something of averages', cpu, /^Memory in use/, 'average'],
    ['that something happens of sums', memory, /^CPU time/, undefined],
  ])('%s in a new query', async (_name, before, option, expected) => {
    const aggregation = before === memory ? 'average' : undefined;
    const { user, last } = await edit({ queryType: 'metrics', profileTypeId: before, aggregation });
    await choose(user, 'Profile type', option);
    expect(last()?.aggregation).toBe(expected);
  });

  it('of a saved query keeps its sum', async () => {
    const { onChange } = await edit({ queryType: 'metrics', profileTypeId: memory });
    expect(onChange).not.toHaveBeenCalled();
  });

  it('shows why there is nothing to choose from', async () => {
    const down = () => Promise.reject({ data: { message: 'metastore is down' } });
    await edit({}, CoreApp.PanelEditor, { profileTypes: down });
    expect(await screen.findByText(/cannot be loaded: metastore is down/)).toBeInTheDocument();
  });
});
