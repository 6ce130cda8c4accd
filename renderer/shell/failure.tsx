import type { ComponentChildren, VNode } from 'preact';
import { Component } from 'preact';
import { windowWords } from './words.ts';
import { Button } from '../parts/input/button.tsx';
import { EmptyState } from '../parts/notice/empty-state.tsx';
import { ViewHead } from '../parts/section.tsx';
import { useWords } from '../state/language.tsx';

interface FailureBoundaryProperties {
  /** Of the view. */
  readonly title: string;
  readonly children: ComponentChildren;
}

/** An error of ours in one view leaves the others usable. Give it a key, so that another view begins anew. */
export class FailureBoundary extends Component<FailureBoundaryProperties, { readonly failed: boolean }> {
  override state = { failed: false };

  static override getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(error: unknown): void {
    // For whoever looks into the developer tools.
    reportError(error);
  }

  override render(): ComponentChildren {
    return this.state.failed ? <Failure title={this.props.title} /> : this.props.children;
  }
}

function Failure({ title }: { readonly title: string }): VNode {
  const words = useWords(windowWords);
  return (
    <>
      <ViewHead title={title} />
      <EmptyState icon="error" title={words.failed} text={words.failedHint}>
        <Button icon="refresh" onClick={() => location.reload()}>
          {words.reload}
        </Button>
      </EmptyState>
    </>
  );
}
