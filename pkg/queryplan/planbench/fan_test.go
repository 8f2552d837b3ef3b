package planbench
import ("testing";"github.com/pyrofront/pyrofront/pkg/queryplan")
func TestFan(t *testing.T){
 store := Synthetic{Blocks: 100_000, Seed: 1, Services: 1, Median: 100 << 10}.Generate()
 q := TreeQuery(only); answers,_:=store.Answer(queryplan.Discovery(q)); ba,_:=store.QueryMetadata(BaselineDiscovery(q)); br:=BaselinePlan(q,ba).QueryPlan.Root; bb,_:=store.leafBytes(q,br)
 for _,f:=range []int{32,64,96,128,256}{ for _,l:=range []uint64{8<<20,12<<20,16<<20}{
  p,_:=queryplan.Build(q,answers,queryplan.Options{FanIn:f,LeafBytes:l}); r:=p.Request().QueryPlan.Root; ob,_:=store.leafBytes(q,r)
  for _,rr:=range []bool{false,true}{ for _,B:=range []int{10,100,500}{ c:=Cluster{Backends:B,RoundRobin:rr}; x:=simulateMany(c,r,ob); y:=simulateMany(c,br,bb); t.Logf("F=%d L=%d rr=%v B=%d %.3f bound %.3f",f,l>>20,rr,B,x.Seconds/y.Seconds,x.Seconds/x.Bound)}}
 }}
}
