import { fireEvent, screen, within } from '@testing-library/react';

import { choose, edit } from '../test/editing';
import { cpu, query as baseQuery } from '../test/fixtures';

describe('the service', () => {
  it('is a matcher of the selector', async () => {
    const { user, last, resources } = await edit({ labelSelector: '{service_name="cart", pod="cart-1"}' });
    await choose(user, 'Service', 'checkout');
    expect(last()?.labelSelector).toBe('{service_name="checkout", pod="cart-1"}');
    expect(resources).toHaveBeenCalledWith(
      'labelValues',
      expect.objectContaining({ label: 'service_name', query: `{__profile_type__="${cpu}", pod="cart-1"}` })
    );
  });

  it('can be taken away', async () => {
    const { user, last } = await edit();
    await user.click(screen.getByTitle('Clear value'));
    expect(last()?.labelSelector).toBe('{}');
    expect(screen.getByPlaceholderText('All services')).toBeInTheDocument();
  });

  it('says so when filters choose it', async () => {
    await edit({ labelSelector: '{service_name=~"c.*"}' });
    expect(screen.getByPlaceholderText('By label filter')).toBeInTheDocument();
  });
});

describe('the label builder', () => {
  const filter = (number: number) => within(screen.getByRole('group', { name: `Label filter ${number}` }));

  it('adds a filter by choosing', async () => {
    const { user, last, onChange } = await edit();
    await user.click(screen.getByRole('button', { name: 'Add a label filter' }));
    expect(filter(1).getByLabelText('Label')).toHaveFocus();
    await user.click(filter(1).getByLabelText('Label'));
    await user.click(await screen.findByRole('option', { name: 'region' }));
    expect(onChange).not.toHaveBeenCalled();
    await user.click(filter(1).getByLabelText('Value'));
    await user.click(await screen.findByRole('option', { name: 'eu.west' }));
    expect(last()?.labelSelector).toBe('{service_name="cart", region="eu.west"}');
  });

  it('changes the comparison, and the value with it', async () => {
    const { user, last } = await edit({ labelSelector: '{region="eu.west"}' });
    await user.click(filter(1).getByLabelText('Comparison'));
    await user.click(await screen.findByRole('option', { name: /^=~/ }));
    expect(last()?.labelSelector).toBe('{region=~"eu\\\\.west"}');
    await user.click(filter(1).getByLabelText('Value'));
    await user.click(await screen.findByRole('option', { name: 'us.east' }));
    expect(last()?.labelSelector).toBe('{region=~"eu\\\\.west|us\\\\.east"}');
  });

  it('removes a filter', async () => {
    const { user, last } = await edit({ labelSelector: '{region="eu.west", pod="x"}' });
    await user.click(screen.getByRole('button', { name: 'Remove the filter region' }));
    expect(last()?.labelSelector).toBe('{pod="x"}');
    expect(screen.getByRole('button', { name: 'Add a label filter' })).toHaveFocus();
  });

  it('follows the query', async () => {
    const { setFromOutside } = await edit({ labelSelector: '{region="eu.west"}' });
    setFromOutside({ ...baseQuery, labelSelector: '{pod!="y"}' });
    expect(filter(1).getByLabelText('Label')).toHaveValue('pod');
    expect(filter(1).getByLabelText('Comparison')).toHaveValue('!=');
    expect(filter(1).getByLabelText('Value')).toHaveValue('y');
  });
});

describe('the code mode', () => {
  it('is in sync with the builder', async () => {
    const { user, last } = await edit({ labelSelector: '{region="eu.west"}' });
    await user.click(screen.getByRole('radio', { name: 'Code' }));
    const code = screen.getByRole('textbox', { name: 'Labels' });
    expect(code).toHaveValue('{region="eu.west"}');
    fireEvent.change(code, { target: { value: '{pod="cart-2"}' } });
    expect(last()?.labelSelector).toBe('{pod="cart-2"}');
    await user.click(screen.getByRole('radio', { name: 'Builder' }));
    expect(screen.getByRole('group', { name: 'Label filter 1' })).toBeInTheDocument();
    expect(screen.getByLabelText('Label')).toHaveValue('pod');
  });

  it('is how the next editor begins', async () => {
    const { user } = await edit();
    await user.click(screen.getByRole('radio', { name: 'Code' }));
    await edit();
    expect(screen.getAllByRole('textbox', { name: 'Labels' })).toHaveLength(2);
  });

  it('says what is wrong while typing, and keeps the text', async () => {
    const { user, last } = await edit();
    await user.click(screen.getByRole('radio', { name: 'Code' }));
    fireEvent.change(screen.getByRole('textbox', { name: 'Labels' }), { target: { value: '{pod="x"' } });
    expect(screen.getByRole('alert')).toHaveTextContent('The closing brace } is missing.');
    expect(screen.getByRole('radio', { name: 'Builder' })).toBeDisabled();
    expect(last()?.labelSelector).toBe('{pod="x"');
  });

  it('can be emptied to write anew', async () => {
    const { user, last } = await edit();
    await user.click(screen.getByRole('radio', { name: 'Code' }));
    fireEvent.change(screen.getByRole('textbox', { name: 'Labels' }), { target: { value: '' } });
    expect(last()?.labelSelector).toBe('');
    expect(screen.getByRole('textbox', { name: 'Labels' })).toHaveValue('');
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(screen.getByPlaceholderText('All services')).toBeInTheDocument();
  });

  it('is shown for a selector that the builder cannot show', async () => {
    await edit({ labelSelector: '{$filters}' });
    expect(screen.getByRole('textbox', { name: 'Labels' })).toHaveValue('{$filters}');
  });
});
