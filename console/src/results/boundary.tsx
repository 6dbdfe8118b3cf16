/** Something else where a part of a result cannot be drawn. A class, since React has no function for it. */

import { Component, type ReactNode } from 'react';

interface Props {
  children: ReactNode;
  instead: ReactNode;
}

export class Boundary extends Component<Props, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    return this.state.hasFailed ? this.props.instead : this.props.children;
  }
}
