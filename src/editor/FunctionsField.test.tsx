import { createDataFrame, FieldType, LoadingState } from '@grafana/data';
import { screen, waitFor } from '@testing-library/react';

import { choose, edit, openOptions } from '../test/editing';
import { cpu, range } from '../test/fixtures';

const offered = async () => (await screen.findAllByRole('option')).map((option) => option.textContent);
const adder = () => screen.getByLabelText('Add a function');

describe('names of functions', () => {
  it('are those of what is selected, asked for once', async () => {
    const { user, resources, last, onRunQuery } = await edit({ queryType: 'functionSeries' });
    await openOptions(user);
    expect(resources).not.toHaveBeenCalledWith('functionNames', expect.anything());
    await choose(user, 'Add a function', 'Map[int,string].Get');
    expect(last()?.functions).toBe('Map\\[int,string\\]\\.Get');
    expect(onRunQuery).toHaveBeenCalledTimes(1);
    await waitFor(() => expect(adder()).toHaveValue(''));
    expect(adder()).toHaveFocus();
    await choose(user, 'Add a function', 'main.main');
    expect(last()?.functions).toBe('Map\\[int,string\\]\\.Get|main\\.main');
    const asked = resources.mock.calls.filter(([path]) => path === 'functionNames');
    expect(asked).toEqual([
      [
        'functionNames',
        { profileTypeId: cpu, query: '{service_name="cart"}', start: 1_700_000_010_000, end: 1_700_003_610_000 },
      ],
    ]);
  });

  it('are those that are shown', async () => {
    const table = createDataFrame({
      refId: 'A',
      fields: [
        { name: 'function', type: FieldType.string, values: ['b', 'a'] },
        { name: 'total', type: FieldType.number, values: [1, 2] },
      ],
    });
    const data = { state: LoadingState.Done, series: [table], timeRange: range };
    const { user, resources } = await edit({ queryType: 'topFunctions' }, undefined, {}, data);
    await openOptions(user);
    await user.click(adder());
    expect((await offered()).slice(0, 2)).toEqual(['a', 'b']);
    expect(resources).not.toHaveBeenCalledWith('functionNames', expect.anything());
  });

  it('are added by the keyboard, and once', async () => {
    const { user, last, onChange } = await edit({ queryType: 'functionSeries', functions: '(gc|main\\.main)' });
    await openOptions(user);
    await user.type(adder(), 'malloc{Enter}');
    await waitFor(() => expect(last()?.functions).toBe('gc|main\\.main|runtime\\.mallocgc'));
    onChange.mockClear();
    await choose(user, 'Add a function', 'main.main');
    expect(onChange).not.toHaveBeenCalled();
  });

  it('are not added to what cannot be read, and say why there are none', async () => {
    const refused = () => Promise.reject({ data: { message: 'no such type' } });
    const { user } = await edit({ queryType: 'functionSeries' }, undefined, { functionNames: refused });
    await openOptions(user);
    await user.click(adder());
    expect(await screen.findByRole('option', { name: /no such type/ })).toBeInTheDocument();
    await user.keyboard('{Escape}');
    await user.type(screen.getByLabelText('Functions'), 'a(');
    expect(adder()).toBeDisabled();
  });
});
