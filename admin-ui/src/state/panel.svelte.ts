import { prefs } from './prefs.svelte';

/** The panel beside the rail: shown or not on a wide screen, a sheet on a narrow one. */
class Panel {
  /** Narrow screens only: the sheet lies over the page. */
  sheet = $state(false);

  toggle = (): void => {
    if (window.matchMedia('(max-width: 760px)').matches) this.sheet = !this.sheet;
    else prefs.panelHidden = !prefs.panelHidden;
  };

  get hidden(): boolean {
    return prefs.panelHidden;
  }
}

export const panel = new Panel();
