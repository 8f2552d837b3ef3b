import { CoreApp } from '@grafana/data';
import { act, screen, waitFor, within } from '@testing-library/react';

import { edit, openOptions } from '../test/editing';

describe('the keyboard', () => {
  it('runs the query with Shift+Enter from any field', async () => {
    const { user, onRunQuery, onChange } = await edit();
    await openOptions(user);
    await user.click(screen.getByLabelText(/^Call site/));
    await user.keyboard('{Shift>}{Enter}{/Shift}');
    expect(onRunQuery).toHaveBeenCalledTimes(1);
    expect(onChange).not.toHaveBeenCalled();
  });

  it.each(['{Enter}', '{Tab}'])('takes the first match of what is typed with %s, at any speed', async (key) => {
    const { user, last } = await edit({ labelSelector: '{}' });
    await user.type(screen.getByLabelText('Service'), `check${key}`);
    await waitFor(() => expect(last()?.labelSelector).toBe('{service_name="checkout"}'));
  });

  it.each(['{Enter}', '{Tab}'])(
    'takes the query type that is typed with %s, not the place of the one before',
    async (key) => {
      const { user, last } = await edit({ queryType: 'topFunctions' });
      const field = screen.getByLabelText('Query type');
      await user.click(field);
      await user.keyboard('heat');
      await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(1));
      await user.keyboard(key);
      await waitFor(() => expect(last()?.queryType).toBe('heatmap'));
      expect(field).toHaveValue('Heat map');
    }
  );

  it('goes on to what is typed with an arrow key', async () => {
    const { user, last } = await edit({ queryType: 'topFunctions' });
    await user.click(screen.getByLabelText('Query type'));
    await user.keyboard('heat');
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(1));
    await user.keyboard('{ArrowDown}{Enter}');
    await waitFor(() => expect(last()?.queryType).toBe('heatmap'));
  });

  it('keeps the query type on Enter where nothing is typed', async () => {
    const { user, onChange } = await edit({ queryType: 'topFunctions' });
    const field = screen.getByLabelText('Query type');
    await user.click(field);
    await user.keyboard('{Enter}');
    await waitFor(() => expect(field).toHaveValue('Top functions'));
    expect(onChange).not.toHaveBeenCalled();
  });

  it('takes the first match once the options are there', async () => {
    const { user, last } = await edit({ labelSelector: '{}' });
    await user.type(screen.getByLabelText('Service'), 'check');
    const options = await screen.findAllByRole('option');
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(2));
    expect(options[0]).toHaveTextContent('checkout');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(last()?.labelSelector).toBe('{service_name="checkout"}'));
  });

  it('takes what is typed where nothing matches, and last where something does', async () => {
    const { user, last } = await edit({ labelSelector: '{}' });
    const service = screen.getByLabelText('Service');
    await user.type(service, 'c');
    await waitFor(() =>
      expect(screen.getAllByRole('option').map((option) => option.textContent)).toEqual(['cart', 'checkout', 'c'])
    );
    await user.clear(service);
    await user.type(service, 'new{Enter}');
    await waitFor(() => expect(last()?.labelSelector).toBe('{service_name="new"}'));
  });

  it('changes nothing when it passes through an open list', async () => {
    const { user, onChange } = await edit();
    await user.click(screen.getByLabelText('Service'));
    await screen.findByRole('option', { name: 'checkout' });
    await user.tab();
    await user.click(screen.getByLabelText('Service'));
    await screen.findByRole('option', { name: 'checkout' });
    await user.tab();
    expect(onChange).not.toHaveBeenCalled();
  });

  describe('in a field of several values', () => {
    const chosen = '{region=~"eu\\\\.west"}';
    const both = '{region=~"eu\\\\.west|us\\\\.east"}';
    const several = () =>
      within(screen.getByRole('group', { name: 'Label filter 1' })).getByRole('combobox', { name: 'Value' });

    it.each(['{Enter}', '{Tab}'])('takes the first match with %s, at any speed, and empties the field', async (key) => {
      const { user, last } = await edit({ labelSelector: chosen });
      const value = several();
      await user.type(value, `us${key}`);
      await waitFor(() => expect(last()?.labelSelector).toBe(both));
      expect(value).toHaveValue('');
      expect(value).toHaveAttribute('aria-expanded', String(key === '{Enter}'));
    });

    it('takes the first match with Tab once the options are there', async () => {
      const { user, last } = await edit({ labelSelector: chosen });
      const value = several();
      await user.type(value, 'us');
      await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(2));
      await user.tab();
      await waitFor(() => expect(last()?.labelSelector).toBe(both));
      expect(value).toHaveValue('');
      expect(value).toHaveAttribute('aria-expanded', 'false');
    });

    it('takes with Tab what the arrow keys are on', async () => {
      const { user, last } = await edit({ labelSelector: chosen });
      await user.type(several(), 'u');
      await waitFor(() => expect(screen.getAllByRole('option').at(-1)).toHaveTextContent(/^u$/));
      await user.keyboard('{ArrowUp}');
      await user.tab();
      await waitFor(() => expect(last()?.labelSelector).toMatch(/\|u"}$/));
    });

    it('keeps with Tab what was chosen before and the arrow keys are on', async () => {
      const { user, onChange } = await edit({ labelSelector: chosen });
      await user.type(several(), 'eu');
      const option = await screen.findByRole('option', { name: 'eu.west' });
      await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(2));
      await user.keyboard('{ArrowDown}');
      if (option.getAttribute('aria-selected') !== 'true') {
        await user.keyboard('{ArrowDown}');
      }
      expect(option).toHaveAttribute('aria-selected', 'true');
      await user.tab();
      await act(async () => {});
      for (const [query] of onChange.mock.calls) {
        expect(query.labelSelector).toBe(chosen);
      }
    });

    it('keeps with Tab what was chosen before', async () => {
      const { user, onChange } = await edit({ labelSelector: chosen });
      await user.type(several(), 'eu');
      await screen.findByRole('option', { name: 'eu.west' });
      await user.tab();
      await act(async () => {});
      for (const [query] of onChange.mock.calls) {
        expect(query.labelSelector).toBe(chosen);
      }
    });
  });

  it('reaches the fields in their order', async () => {
    const { user } = await edit({ labelSelector: '{}' });
    for (const name of ['Profile type', 'Service', 'Query type', 'Add a label filter', 'Builder', 'Options Defaults']) {
      await user.tab();
      expect(document.activeElement).toHaveAccessibleName(name);
    }
  });

  it('finds every field named', async () => {
    const { user } = await edit({ queryType: 'both', labelSelector: '{pod="x"}' }, CoreApp.Explore);
    await openOptions(user);
    const fields = [...document.querySelectorAll('input, textarea, button, [role="combobox"]')];
    expect(fields.length).toBeGreaterThan(15);
    for (const field of fields) {
      expect(field).toHaveAccessibleName();
    }
  });
});
