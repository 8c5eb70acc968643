// How the chart looks, in uPlot's words. Its colours are those of the page around it.
import type uPlot from 'uplot';
import { formatCount } from '../../format/numbers';
import type { ChartSeries } from './series';

export interface Drawing {
  width: number;
  height: number;
  unit: string;
  /** Milliseconds of one bar. */
  step: number;
  bars: readonly ChartSeries[];
  lines: readonly ChartSeries[];
}

const FONT = '11px Figtree, system-ui, sans-serif';
const two = (value: number): string => String(value).padStart(2, '0');

/** Times of a day, or days: in the local time of who looks, 24 hours as everywhere here. */
function ticks(step: number) {
  return (_plot: uPlot, splits: number[]): string[] => {
    let before = '';
    return splits.map((split) => {
      const date = new Date(split * 1000);
      const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
      const seconds = step < 60_000 && date.getSeconds() !== 0 ? `:${two(date.getSeconds())}` : '';
      const time = `${two(date.getHours())}:${two(date.getMinutes())}${seconds}`;
      const isNew = before !== '' && day !== before;
      before = day;
      if (step >= 43_200_000) return day;
      return isNew ? day : time;
    });
  };
}

const short = (value: number): string =>
  value < 10 && !Number.isInteger(value) ? value.toFixed(1) : formatCount(value);

export function drawingOf(Plot: typeof uPlot, element: Element, drawing: Drawing): uPlot.Options {
  const { width, height, unit, step, bars, lines } = drawing;
  const style = getComputedStyle(element);
  const colour = (token: string) => style.getPropertyValue(token).trim();
  const axis = { stroke: colour('--text-3'), font: FONT, ticks: { show: false } };
  const grid = { stroke: colour('--border'), width: 1 };
  const shape = Plot.paths.bars?.({ size: [0.86, 48] });
  return {
    width,
    height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    scales: {
      x: { time: true, range: (_plot, min, max) => [min - step / 2000, max + step / 2000] },
      y: { range: (_plot, _min, max) => [0, Math.max(4, max * 1.08)] },
      time: { range: (_plot, _min, max) => [0, Math.max(1, (max ?? 1) * 1.15)] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 24, space: 64, values: ticks(step) },
      {
        ...axis,
        grid,
        size: 46,
        space: 28,
        incrs: [
          1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6,
        ],
        values: (_plot, splits) => splits.map(formatCount),
      },
      {
        ...axis,
        show: lines.length > 0,
        scale: 'time',
        side: 1,
        grid: { show: false },
        size: 58,
        space: 28,
        values: (_plot, splits) => splits.map((split) => `${short(split)} ${unit}`),
      },
    ],
    series: [
      {},
      // The tallest stack first, so that the lower ones are painted over it.
      ...bars.toReversed().map((bar) => ({
        fill: colour(bar.colour),
        width: 0,
        points: { show: false },
        ...(shape && { paths: shape }),
      })),
      ...lines.map((line) => ({
        scale: 'time',
        stroke: colour(line.colour),
        width: 1.5,
        spanGaps: false,
        points: { show: true, size: 4 },
        ...(line.dashed && { dash: [4, 3] }),
      })),
    ],
  };
}
