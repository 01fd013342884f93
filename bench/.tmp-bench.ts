import { Machine } from "/work/main/src/kernel/machine.ts"; import { makePlatform } from "/work/main/src/kernel/platform/platform.ts"; import { CallTrace } from "/work/main/src/kernel/call-trace.ts";
import BTreeModule from "sorted-btree";
const BTree:any=(BTreeModule as any).default??BTreeModule;
function machine(buffers:any=null){ return new Machine({platform:makePlatform("intel-vtd"),variants:{iommufd:"merged",vfio:"merged",ioasid:"mainline-6.1",mm:"E4-fixed"},kernel:"6.12",pageSize:4096,maxIovaAlignment:0x200000,firstFd:4,buffers,processes:1,container:"iommufd",vfio:{api:"v2",dmaEntryLimit:65535},ioasid:{pools:[],ops:[],nbs:[]}} as any); }
const N=Number(process.argv[2]??200000);
let seed=1; const rnd=()=>{ seed=(seed*1103515245+12345)&0x7fffffff; return seed; };
const order=Array.from({length:N},(_,i)=>i); for(let i=N-1;i>0;i--){const j=rnd()%(i+1); const t=order[i]!; order[i]=order[j]!; order[j]=t;}
const hexs=(n:number)=>"0x"+n.toString(16);
function run(name:string, attach:boolean, keys:number[], fixed:boolean, step=2) {
  const m=machine(); m.run(m.ready({call:"IOMMU_IOAS_ALLOC",in:{flags:0}}));
  if (attach){ m.run(m.ready({call:"VFIO_CDEV_OPEN",in:{dev:0,path:"vfio0"}})); m.run(m.ready({call:"VFIO_DEVICE_BIND_IOMMUFD",in:{dev:0}})); const a=m.run(m.ready({call:"VFIO_DEVICE_ATTACH_IOMMUFD_PT",in:{dev:0,pt_id:1}})); if(a.errno!=="OK") throw a; }
  const maps=keys.map(k=>m.ready({call:"IOMMU_IOAS_MAP",in:{flags:fixed?7:6,ioas_id:1,user_va:hexs(0x7f0000000000+k*4096),length:"0x1000",iova:hexs(0x100000000+k*4096*step)}}));
  const unmaps=keys.map(k=>m.ready({call:"IOMMU_IOAS_UNMAP",in:{ioas_id:1,iova:hexs(0x100000000+k*4096*step),length:"0x1000"}}));
  const trace=()=>new CallTrace(false);
  let t=performance.now(); for (const c of maps) { const a=m.run(c,trace()); if(a.errno!=="OK") throw new Error(a.errno); } const tm=performance.now()-t;
  const bytes=(m.iommufd.contexts[0]!.get(1) as any).table.areas.bytes/N;
  let tu=NaN; if (fixed) { t=performance.now(); for (const c of unmaps) { const a=m.run(c,trace()); if(a.errno!=="OK") throw new Error(a.errno);} tu=performance.now()-t; }
  console.log(name, "map",(tm*1000/N).toFixed(3),"us unmap",(tu*1000/N).toFixed(3),"us bytes/area",bytes.toFixed(1));
}
const asc=Array.from({length:N},(_,i)=>i);
for (let i=0;i<2;i++){ run("asc no domain",false,asc,true); run("rnd no domain",false,order,true); run("asc domain",true,asc,true); run("rnd domain",true,order,true); run("auto asc",false,asc,false); 
 let t=performance.now(); const b=new BTree(); for(const k of order) b.set(k*8192,{last:k*8192+4095,va:k}); console.log("btree rnd set",((performance.now()-t)*1000/N).toFixed(3)); t=performance.now(); for(const k of order) b.delete(k*8192); console.log("btree del",((performance.now()-t)*1000/N).toFixed(3)); }
