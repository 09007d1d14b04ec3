/** How the shapes of each label look: the task's own colours, and never colour alone. */
import { dashOf, inkOn } from "./palette.js";

export interface LabelStyle {
  readonly label: string;
  readonly color: string;
  /** Text on that colour. */
  readonly ink: string;
  /** After one round of colours the outline is dashed. */
  readonly dash: readonly number[];
}
export type StyleOf = (label: string) => LabelStyle;

export function stylesFor(
  labels: readonly { readonly label: string; readonly color: string }[],
): StyleOf {
  const styles = new Map(
    labels.map(({ label, color }, classId): [string, LabelStyle] => [
      label,
      { label, color, ink: inkOn(color), dash: dashOf(classId) },
    ]),
  );
  return (label) => styles.get(label) ?? { label, color: "#7f7f7f", ink: "#ffffff", dash: [2, 3] };
}
