import { css } from '@emotion/css';

/** For a field that has a width: never wider than what it is in, as in half of Explore. */
export const atMostAll = css({ maxWidth: '100%' });
