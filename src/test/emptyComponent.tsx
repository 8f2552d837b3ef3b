/** Stands in for components that fetch over the network (icons). */
export default function EmptyComponent() {
  return null;
}
