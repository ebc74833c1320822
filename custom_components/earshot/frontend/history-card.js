import{a as Q,b as Y,c as _,d as T,e as E,f as G,g as X,h as J,j as W,k as Z}from"./shared-history-controller.js";import{a as F,b as C,c as K}from"./shared-i18n-en.js";import{a as N,b as d,d as B,e as c,f as z,j as $,k as y,l as V}from"./shared-lit-html-lit-html.js";var tt={ATTRIBUTE:1,CHILD:2,PROPERTY:3,BOOLEAN_ATTRIBUTE:4,EVENT:5,ELEMENT:6},et=s=>(...t)=>({_$litDirective$:s,values:t}),P=class{constructor(t){}get _$AU(){return this._$AM._$AU}_$AT(t,e,i){this._$Ct=t,this._$AM=e,this._$Ci=i}_$AS(t,e){return this.update(t,e)}update(t,e){return this.render(...e)}};var{I:mt}=z,it=s=>s;var ot=()=>document.createComment(""),b=(s,t,e)=>{let i=s._$AA.parentNode,o=t===void 0?s._$AB:t._$AA;if(e===void 0){let r=i.insertBefore(ot(),o),n=i.insertBefore(ot(),o);e=new mt(r,n,s,s.options)}else{let r=e._$AB.nextSibling,n=e._$AM,a=n!==s;if(a){let l;e._$AQ?.(s),e._$AM=s,e._$AP!==void 0&&(l=s._$AU)!==n._$AU&&e._$AP(l)}if(r!==o||a){let l=e._$AA;for(;l!==r;){let h=it(l).nextSibling;it(i).insertBefore(l,o),l=h}}}return e},v=(s,t,e=s)=>(s._$AI(t,e),s),ft={},st=(s,t=ft)=>s._$AH=t,nt=s=>s._$AH,R=s=>{s._$AR(),s._$AA.remove()};var rt=(s,t,e)=>{let i=new Map;for(let o=t;o<=e;o++)i.set(s[o],o);return i},at=et(class extends P{constructor(s){if(super(s),s.type!==tt.CHILD)throw Error("repeat() can only be used in text expressions")}dt(s,t,e){let i;e===void 0?e=t:t!==void 0&&(i=t);let o=[],r=[],n=0;for(let a of s)o[n]=i?i(a,n):n,r[n]=e(a,n),n++;return{values:r,keys:o}}render(s,t,e){return this.dt(s,t,e).values}update(s,[t,e,i]){let o=nt(s),{values:r,keys:n}=this.dt(t,e,i);if(!Array.isArray(o))return this.ut=n,r;let a=this.ut??=[],l=[],h,x,u=0,f=o.length-1,p=0,m=r.length-1;for(;u<=f&&p<=m;)if(o[u]===null)u++;else if(o[f]===null)f--;else if(a[u]===n[p])l[p]=v(o[u],r[p]),u++,p++;else if(a[f]===n[m])l[m]=v(o[f],r[m]),f--,m--;else if(a[u]===n[m])l[m]=v(o[u],r[m]),b(s,l[m+1],o[u]),u++,m--;else if(a[f]===n[p])l[p]=v(o[f],r[p]),b(s,o[u],o[f]),f--,p++;else if(h===void 0&&(h=rt(n,p,m),x=rt(a,u,f)),h.has(a[u]))if(h.has(a[f])){let g=x.get(n[p]),M=g!==void 0?o[g]:null;if(M===null){let I=b(s,o[u]);v(I,r[p]),l[p]=I}else l[p]=v(M,r[p]),b(s,o[u],M),o[g]=null;p++}else R(o[f]),f--;else R(o[u]),u++;for(;p<=m;){let g=b(s,l[m+1]);v(g,r[p]),l[p++]=g}for(;u<=f;){let g=o[u++];g!==null&&R(g)}return this.ut=n,st(s,l),B}});var H=10,yt=18e4,gt=6e3,k={kind:"none"},A=class{state=k;#t;#l;#o;#i=0;#r=null;constructor(t,e,i){this.#t=t,this.#l=e,this.#o=i}async ask(t,e=!1){let i=this.#e({kind:"counting",what:t,withPinned:e});try{let o=await this.#t.count({...t,pinned:e});i===this.#i&&this.#e({kind:"asking",what:t,withPinned:e,count:o})}catch(o){i===this.#i&&this.#n({kind:"failed",error:y(o)})}}cancel(){(this.state.kind==="counting"||this.state.kind==="asking")&&this.#e(k)}async agree(){let{state:t}=this;if(t.kind!=="asking"||t.count.captures===0)return;let{what:e,withPinned:i,count:o}=t,r=this.#e({kind:"counting",what:e,withPinned:i});try{let n=await this.#t.remove({...e,pinned:i,until:o.until},o.captures,H);if(r!==this.#i)return;let{deletion_id:a,captures:l}=n;this.#e({kind:"waiting",what:e,id:a,captures:l,due:Date.now()+H*1e3}),this.#a(H*1e3,()=>{this.#e({kind:"working",what:e,id:a,captures:l}),this.#a(yt,()=>this.#n({kind:"failed",error:new $("timeout")}))})}catch(n){let a=y(n);throw r===this.#i&&(a.code==="count_changed"?await this.ask(e,i):this.#e({kind:"asking",what:e,withPinned:i,count:o})),a}}async undo(){let{state:t}=this;if(t.kind==="waiting")try{await this.#t.undo(t.id),this.#n({kind:"taken_back"})}catch(e){let i=y(e);i.code!=="deletion_over"&&this.#n({kind:"failed",error:i})}}take(t){let{state:e}=this;t.event!=="deletion"||e.kind!=="waiting"&&e.kind!=="working"||e.id!==t.deletion_id||this.#n(t.error===null?{kind:"done",captures:t.captures??e.captures}:{kind:"failed",error:new $(t.error)})}lost(){this.state.kind!=="none"&&this.#e(k)}stop(){this.#i+=1,this.#r?.(),this.#r=null,this.state=k}takes(t){let{state:e}=this;if(e.kind!=="waiting"&&e.kind!=="working")return!1;let{ids:i,rooms:o,since:r,until:n,outcomes:a}=e.what;return(!i||i.includes(t.id))&&(!o||o.includes(t.room_id))&&(r===void 0||t.started>=r)&&(n===void 0||t.started<n)&&(!a||a.some(l=>l===t.outcome))}#e(t){return this.#r?.(),this.#r=null,this.state=t,this.#i+=1,this.#l(),this.#i}#n(t){this.#e(t),this.#a(gt,()=>this.#e(k))}#a(t,e){this.#r=this.#o(e,t)}};var lt=':host{display:block;height:100%}ha-card{container:history / inline-size;display:flex;flex-direction:column;height:100%;min-height:240px;overflow:hidden}.card-without-height{max-height:min(640px,80vh)}header{display:flex;flex:none;align-items:center;min-height:56px;padding:4px 8px 4px 16px}h2{flex:1;min-width:0;margin:0;overflow:hidden;font-size:var(--ha-font-size-l, 16px);font-weight:500;text-overflow:ellipsis;white-space:nowrap}.note{display:flex;flex:none;gap:8px;align-items:center;padding:8px 16px;background:color-mix(in srgb,var(--earshot-text) 6%,transparent)}.note span{flex:1}.scroller{position:relative;flex:1;min-height:0;overflow:hidden auto;overscroll-behavior:contain;scrollbar-width:thin;overflow-anchor:none}.feed{position:relative}article{position:absolute;inset-inline:0;contain:layout style}article.going{opacity:.45}h3{display:flex;align-items:center;justify-content:space-between;height:44px;margin:0;padding:0 8px 0 16px;color:var(--earshot-quiet);font-size:var(--ha-font-size-m, 14px);font-weight:500}.row{display:flex;align-items:center;height:80px;padding-inline:8px}.detail{padding:0 16px 16px}.row>input{margin-inline:12px 4px}.body{display:flex;flex:1;gap:12px;align-items:center;min-width:0;height:72px;padding:0 8px;border-radius:12px}.body:hover{background:color-mix(in srgb,currentcolor 5%,transparent)}.badge{display:grid;flex:none;place-items:center;width:40px;height:40px;border-radius:50%;background:color-mix(in srgb,currentcolor 14%,transparent);color:var(--earshot-quiet)}.badge.understood{color:color-mix(in srgb,var(--earshot-good) 80%,var(--earshot-text))}.badge.not_understood{color:color-mix(in srgb,var(--earshot-warn) 65%,var(--earshot-text))}.badge.failed{color:color-mix(in srgb,var(--earshot-bad) 80%,var(--earshot-text))}.texts{display:flex;flex-direction:column;min-width:0}.texts>*{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.heard{font-weight:500}.heard.none{color:var(--earshot-quiet);font-weight:400;font-style:italic}.did,.facts{color:var(--earshot-quiet);font-size:var(--ha-font-size-s, 12px)}.did:empty{display:none}.facts ha-icon{--mdc-icon-size: 14px}.wave{display:none;flex:none;width:120px;height:32px;margin-inline:8px}.waveform{display:block;width:100%;height:100%}.bars{fill:none;stroke:color-mix(in srgb,var(--earshot-quiet) 60%,transparent);stroke-width:1.8;stroke-linecap:round}.bars.played{stroke:var(--earshot-accent)}.skeleton{display:flex;gap:12px;align-items:center;height:80px;padding-inline:16px}.skeleton:before,.skeleton:after{background:color-mix(in srgb,var(--earshot-text) 9%,transparent);content:""}.skeleton:before{width:40px;height:40px;border-radius:50%}.skeleton:after{width:60%;height:16px;border-radius:8px}.state{display:flex;flex:1;flex-direction:column;gap:8px;align-items:center;justify-content:center;padding:24px;text-align:center}.state>ha-icon{--mdc-icon-size: 40px;color:var(--earshot-quiet)}.state h3{height:auto;padding:0;color:inherit}.state p{max-width:44ch;margin:0;color:var(--earshot-quiet)}.state .reasons{width:100%}.state .note{flex-direction:column;background:none}.end{margin:0;padding:16px;color:var(--earshot-quiet);text-align:center}.fresh{flex:none;align-self:center;margin-block:4px}.toolbar{display:flex;flex:none;flex-direction:column;gap:12px;max-height:60%;padding:0 16px 12px;overflow-y:auto}.fields,.chips{display:flex;flex-wrap:wrap;gap:8px}.fields .field{flex:1 1 110px}.fields .wide{flex:1 1 100%}.chip{padding-inline:12px}.chip[aria-pressed=true],.acts .button[aria-pressed=true]{border-color:transparent;background:color-mix(in srgb,var(--earshot-accent) 20%,var(--earshot-surface))}.selection,.toast{display:flex;flex:none;gap:8px;align-items:center;min-height:56px;padding:6px 8px 6px 16px;border-top:1px solid var(--earshot-line)}.selection>span,.toast .counting{flex:1}.toast.gone{min-height:0;padding:0;border:0}.toast [role=status]{flex:0 1 auto}@container history (width >= 440px){.wave{display:block}}';var S=class{state="idle";id=null;error=null;#t;#l;#o=null;#i=null;#r=null;constructor(t,e){this.#t=t,this.#l=e}get position(){return this.#i?this.#o?.currentTime??0:0}get length(){let t=this.#i?this.#o?.duration??0:0;return Number.isFinite(t)?t:0}stateOf(t){return this.id===t?this.state:"idle"}async toggle(t){this.id!==t||!this.#i?await this.play(t):this.state==="playing"?this.#o?.pause():await this.#e()}async play(t){this.stop(),this.id=t,this.state="loading",this.#l();let e=new AbortController;this.#r=e;try{let i=await this.#t.fetch(t,e.signal);if(e.signal.aborted)return;this.#i=this.#t.address(i),this.#o??=this.#a(this.#t.audio()),this.#o.src=this.#i}catch(i){e.signal.aborted||this.#n(y(i));return}await this.#e()}seek(t){this.#o&&this.#i&&(this.#o.currentTime=Math.min(Math.max(t,0),this.length||t),this.#l())}stop(){this.#r?.abort(),this.#r=null,this.#o?.pause(),this.#i&&(this.#t.revoke(this.#i),this.#i=null),this.id=null,this.state="idle",this.error=null,this.#l()}async#e(){try{await this.#o?.play()}catch(t){t instanceof DOMException&&t.name==="AbortError"||this.#n(new $("not_playable"))}}#n(t){let{id:e}=this;this.stop(),this.id=e,this.error=t,this.#l()}#a(t){let e=i=>()=>{this.#i&&(this.state=i,this.#l())};return t.addEventListener("playing",e("playing")),t.addEventListener("pause",e("paused")),t.addEventListener("ended",e("paused")),t.addEventListener("durationchange",()=>this.#l()),t.addEventListener("timeupdate",()=>this.#l()),t}};var xt=40;function dt(s,t){let{words:e,capture:i,now:o,current:r}=s,n=G(e,i),a=[E(e,i.outcome),X(i)].filter(Boolean).join(" \xB7 "),l=r?0:-1,h=[e.time(i.started),s.room,J(e,i,o)].filter(Boolean);return d`
    ${s.selecting?d`<input
          type="checkbox"
          tabindex=${l}
          .checked=${s.selected}
          aria-label=${e.text("capture.select",{what:n})}
          @change=${()=>t.select(i.id)}
        />`:c}
    <button
      class="body"
      tabindex=${l}
      aria-expanded=${s.open}
      @click=${()=>s.selecting?t.select(i.id):t.toggle(i.id)}
    >
      <span class="badge ${i.outcome??""}">
        <ha-icon .icon=${T(i.outcome)}></ha-icon>
      </span>
      <span class="texts">
        <span class="heard ${i.transcript?"":"none"}">${n}</span>
        <span class="did">${a}</span>
        <span class="facts">
          ${i.pin?d`<ha-icon .icon=${"mdi:pin"}></ha-icon>`:c}
          ${i.label?d`<ha-icon .icon=${"mdi:comment-alert-outline"}></ha-icon>`:c}
          ${h.join(" \xB7 ")}
        </span>
      </span>
    </button>
    ${i.peaks?d`<span class="wave">${Z(i.peaks,xt,s.played)}</span>`:c}
    ${i.audio_bytes!==null&&s.mayPlay?d`<button
          class="icon-button play"
          tabindex=${l}
          aria-label=${e.text(s.play==="playing"?"capture.pause":"capture.play",{what:n})}
          @click=${()=>t.play(i.id)}
        >
          <ha-icon .icon=${bt[s.play]}></ha-icon>
        </button>`:c}
  `}var bt={idle:"mdi:play",loading:"mdi:dots-horizontal",playing:"mdi:pause",paused:"mdi:play"};var D={empty:"mdi:ear-hearing",nothing_found:"mdi:magnify",denied:"mdi:lock-outline",no_rooms:"mdi:home-outline",offline:"mdi:lan-disconnect",failed:"mdi:alert-outline"};function ct(s,t,e){let{phase:i}=t;switch(i){case"list":return d``;case"loading":return d`<div class="loading" role="status">
        <span class="hidden">${s.text("loading.text")}</span>
        ${[1,2,3].map(()=>d`<div class="skeleton"></div>`)}
      </div>`;case"locked":return w("mdi:lock-outline",s.text("locked.second_factor.title"),d`<div class="reasons">${j(s,t,e)}</div>`);case"failed":return w(D.failed,s.text("failed.title"),d`<p>${t.reason?s.error(t.reason):c}</p>
          ${L(s.text("failed.retry"),e.retry)}`);case"nothing_found":return w(D.nothing_found,s.text("nothing_found.title"),d`<p>${s.text("nothing_found.text")}</p>
          ${L(s.text("nothing_found.clear"),e.clear)}`);case"empty":return w(D.empty,s.text("empty.title"),d`<p>${s.text(t.keepsNothing?"empty.never":"empty.text")}</p>`);default:return w(D[i],s.text(`${i}.title`),d`<p>${s.text(`${i}.text`)}</p>`)}}function j(s,t,e){return d`
    ${t.refusals.map(({reason:i,rooms:o})=>i==="second_factor"?U("mdi:lock-outline",s.text("locked.second_factor.text",{rooms:s.list(o)}),L(s.text("locked.second_factor.do"),e.code)):U("mdi:lock-outline",s.text("refused.text",{rooms:s.list(o),reason:s.error({code:i,values:{}})})))}
    ${t.sealedRooms.length>0?U("mdi:lock-outline",s.text("locked.seal.text",{rooms:s.list(t.sealedRooms)}),L(s.text("locked.seal.do"),e.unlock)):c}
  `}function U(s,t,e){return d`<div class="note">
    <ha-icon .icon=${s}></ha-icon><span>${t}</span>${e??c}
  </div>`}function w(s,t,e){return d`<div class="state" role="status">
    <ha-icon .icon=${s}></ha-icon>
    <h3>${t}</h3>
    ${e}
  </div>`}function L(s,t){return d`<button class="button filled" @click=${t}>${s}</button>`}function ht(s,t,e,i,o){let r=kt(s,t,i)??e;return d`
    <div class="toast ${r?"":"gone"}">
      <span role="status">${r?$t(s,t)??r:c}</span>
      <span aria-hidden="true" class="counting">${r&&t.kind==="waiting"?r:c}</span>
      ${t.kind==="waiting"?d`<button class="button" @click=${o}>${s.text("delete.take_back")}</button>`:c}
    </div>
  `}function $t(s,t){return t.kind==="waiting"?d`<span class="hidden">${s.count("delete.count",t.captures)}</span>`:null}function kt(s,t,e){switch(t.kind){case"waiting":{let i=Math.max(0,Math.ceil((t.due-e)/1e3));return s.count("delete.waiting",t.captures,{seconds:i})}case"working":return s.text("delete.working");case"done":return s.count("delete.done",t.captures);case"taken_back":return s.text("delete.taken_back");case"failed":return s.text("delete.failed",{reason:s.error(t.error)});default:return null}}function ut(s,t){let{words:e,filter:i,rooms:o}=s,r=n=>i.outcomes.includes(n)?i.outcomes.filter(a=>a!==n):[...i.outcomes,n];return d`
    <div class="toolbar" id="toolbar" role="search">
      <div class="fields">
        <label class="field wide">
          <span>${e.text("history.search")}</span>
          <input
            type="search"
            maxlength="200"
            autocomplete="off"
            .value=${i.text}
            @input=${n=>t.filter({text:q(n).trim()})}
          />
        </label>
        ${o.length>1?d`<label class="field">
              <span>${e.text("history.room")}</span>
              <select
                @change=${n=>t.filter({room:q(n)||null})}
              >
                <option value="" ?selected=${i.room===null}>
                  ${e.text("history.all_rooms")}
                </option>
                ${o.map(n=>d`<option value=${n.room_id} ?selected=${i.room===n.room_id}>
                      ${n.name}
                    </option>`)}
              </select>
            </label>`:c}
        <label class="field">
          <span>${e.text("history.until")}</span>
          <input
            type="date"
            .value=${i.until===null?"":e.dayKey(i.until-1)}
            @change=${n=>t.filter({until:e.endOfDay(q(n))})}
          />
        </label>
      </div>
      <div class="chips" role="group" aria-label=${e.text("history.filter")}>
        ${V.map(n=>d`<button
              class="button outlined chip"
              aria-pressed=${i.outcomes.includes(n)}
              @click=${()=>t.filter({outcomes:r(n)})}
            >
              <ha-icon .icon=${T(n)}></ha-icon>${E(e,n)}
            </button>`)}
      </div>
      <div class="chips">
        <button class="button outlined" @click=${t.removeShown}>
          <ha-icon .icon=${"mdi:delete-outline"}></ha-icon>${e.text("history.delete_shown")}
        </button>
        ${s.mayExport?d`<button class="button outlined" @click=${t.exportShown}>
              <ha-icon .icon=${"mdi:download"}></ha-icon>${e.text("history.export_shown")}
            </button>`:c}
        ${s.unlocked?d`<button class="button outlined" @click=${t.lock}>
              <ha-icon .icon=${"mdi:lock"}></ha-icon>${e.text("history.lock")}
            </button>`:c}
      </div>
    </div>
  `}function q(s){return s.target.value}var wt="earshot-history",pt=400,_t=2e3,Tt=3e4,Et=300,Pt=6e3,O=class extends C{static styles=[F,N(lt)];static properties={...C.properties,config:{state:!0},filtering:{state:!0},selected:{state:!0}};layout;preview=!1;#t=null;#l=null;#o=null;#i=null;#r=!1;#e=0;#n=800;#a=null;#d=null;#p=null;#s=null;#y=new ResizeObserver(()=>this.#O());constructor(){super(),this.config=null,this.filtering=!1,this.selected=null}setConfig(t){this.config=t,this.#t&&(this.#t.history.device=t.device??null)}enter(t){let e=()=>this.requestUpdate(),i=new S({fetch:(a,l)=>t.api.sound(a,l),audio:()=>new Audio,address:a=>URL.createObjectURL(a),revoke:a=>URL.revokeObjectURL(a)},e),o=new A(t.api,()=>this.#z(),At),r=t.listen({event:a=>{o.take(a),a.event==="listened"&&this.#s&&this.#E(this.#s)},changed:({state:a})=>{a==="offline"&&(o.lost(),i.stop(),this.#$())}}),n=new Y(t,a=>this.words?.dayKey(a)??"",e,this.config?.device);this.#t={house:t,history:n,player:i,deletion:o,timers:new Map,stopListening:r},this.#k(),this.words&&n.start()}leave(){let t=this.#t;if(this.#t=null,!!t){t.history.stop(),t.deletion.stop(),t.player.stop(),t.stopListening();for(let e of t.timers.values())clearTimeout(e);this.#y.disconnect(),this.#s=this.#o=this.#i=this.#a=null,this.#r=!1,this.#e=0,this.selected=null}}willUpdate(t){let e=this.#t;if(!e)return;t.has("words")&&e.history.start();let{timeline:i}=e.history;this.#s&&!i.has(this.#s)&&(this.#s=this.#o=null),this.#d&&!i.has(this.#d)&&(this.#d=null);let o=this.#a&&i.row(this.#a.id);this.#a&&o&&this.#e>0?this.#e+=o.top-this.#a.top:o||(this.#e=Math.min(this.#e,Math.max(0,i.height-this.#n))),this.#e===0&&(e.history.fresh=0)}render(){let{words:t,config:e}=this,i=this.#t;if(!i||!t)return d`<ha-card></ha-card>`;let{history:o,deletion:r}=i,n=o.phase==="list";return d`
      <ha-card class=${this.layout==="grid"?"":"card-without-height"}>
        <header>
          <h2>${e?.title||this.#D(t,o)}</h2>
          ${o.rooms.length>0?this.#L(t,n):c}
        </header>
        ${this.filtering?this.#M(t,i):c}
        ${this.#C(t,i)}
        ${n?this.#W(t,i):ct(t,o,this.#_(i))}
        ${this.selected?this.#j(t,i,this.selected):c}
        ${ht(t,r.state,this.#i,Date.now(),()=>{r.undo()})}
      </ha-card>
      <earshot-dialog></earshot-dialog>
    `}updated(){let t=this.#t,e=this.#w;if(!t||!e)return;let{history:i}=t;Math.abs(e.scrollTop-this.#e)>=1&&(e.scrollTop=this.#e),this.#n=e.clientHeight;let[o,r]=this.#S(i),n=i.timeline.rows.slice(o,r).find(a=>a.top>=this.#e);if(this.#a=n?{id:n.id,top:n.top}:null,this.#p){let a=this.renderRoot.querySelector(`[data-id="${this.#p}"]`);a&&(this.#p=null,a.focus({preventScroll:!0}))}i.mend(o,r),i.timeline.height-this.#e-this.#n<_t&&i.more()}get#w(){return this.renderRoot.querySelector(".scroller")}#D(t,e){let[i]=e.rooms;return this.config?.device&&i?i.name:t.text("history.title")}#L(t,e){return d`
      ${e?d`<button
            class="icon-button"
            aria-label=${t.text("history.select")}
            aria-pressed=${this.selected!==null}
            @click=${()=>{this.selected=this.selected?null:new Set}}
          >
            <ha-icon .icon=${"mdi:checkbox-multiple-marked-outline"}></ha-icon>
          </button>`:c}
      <button
        class="icon-button"
        aria-label=${t.text("history.filter")}
        aria-expanded=${this.filtering}
        @click=${()=>{this.filtering=!this.filtering}}
      >
        <ha-icon .icon=${"mdi:filter-variant"}></ha-icon>
      </button>
    `}#M(t,e){let{history:i}=e;return ut({words:t,filter:i.filter,rooms:i.rooms,unlocked:this.#r,mayExport:i.rooms.some(o=>_(o,"export")===null)},{filter:o=>this.#T(o),removeShown:()=>{this.#c(async()=>this.#m(await i.shown()))},exportShown:()=>{this.#c(async()=>this.#b(await i.shown()))},lock:()=>{this.#B()}})}#C(t,e){let{history:i,house:o}=e,r=this.#_(e),n=o.view.state==="offline"||o.view.state==="failed",a=i.phase==="list";return d`
      ${a&&n?d`<div class="note" role="status">
            <ha-icon .icon=${"mdi:lan-disconnect"}></ha-icon>
            <span>${t.text("offline.stale")}</span>
          </div>`:c}
      ${a&&!n&&i.error?d`<div class="note" role="alert">
            <ha-icon .icon=${"mdi:alert-outline"}></ha-icon>
            <span>${t.error(i.error)}</span>
            <button class="button" @click=${r.retry}>${t.text("failed.retry")}</button>
          </div>`:c}
      ${i.complete?c:d`<div class="note" role="status">
            <span>${t.text("history.incomplete")}</span>
          </div>`}
      ${a?j(t,i,r):c}
      ${i.fresh>0&&this.#e>0?d`<button class="button filled fresh" @click=${()=>this.#F()}>
            <ha-icon .icon=${"mdi:arrow-up"}></ha-icon>
            ${t.count("history.new",i.fresh)}
          </button>`:c}
    `}#W(t,e){let{history:i}=e,{timeline:o}=i,[r,n]=this.#S(i),a=o.rows.slice(r,n);return d`
      <div class="scroller" @scroll=${this.#V}>
        <div
          class="feed"
          role="feed"
          aria-label=${t.text("history.shown")}
          aria-busy=${i.isLoading}
          style="height:${o.height}px"
          @keydown=${this.#Q}
          @focusin=${this.#K}
        >
          ${at(a,l=>l.id,(l,h)=>this.#H(t,e,l,r+h))}
        </div>
        ${i.atEnd?d`<p class="end">${t.text("history.end")}</p>`:c}
      </div>
    `}#H(t,e,i,o){let{history:r,player:n,deletion:a,house:l}=e,h=r.capture(i.id),x=Date.now(),u=this.#d===null?o===0:this.#d===i.id,f=n.id===i.id,p=t.day(i.started,x);return d`
      <article
        data-id=${i.id}
        class=${h&&a.takes(h)?"going":""}
        aria-posinset=${o+1}
        aria-setsize=${r.atEnd?r.timeline.rows.length:-1}
        tabindex=${u?0:-1}
        style="transform:translateY(${i.top}px)"
      >
        ${i.first?d`<h3>
              <span>${p}</span>
              ${r.filter.text?c:d`<button
                    class="icon-button"
                    tabindex=${u?0:-1}
                    aria-label=${`${t.text("history.delete_day")}: ${p}`}
                    @click=${()=>{this.#m({...r.span(),...t.span(i.day)})}}
                  >
                    <ha-icon .icon=${"mdi:delete-outline"}></ha-icon>
                  </button>`}
            </h3>`:c}
        ${h?d`<div class="row">
              ${dt({words:t,now:x,capture:h,room:r.rooms.length>1?W(r.rooms,i.roomId):null,play:n.stateOf(i.id),played:f&&n.length?n.position/n.length:0,open:this.#s===i.id,selected:this.selected?.has(i.id)??!1,selecting:this.selected!==null,current:u,mayPlay:Rt(_(l.room(i.roomId),"play"))},{toggle:m=>this.#g(m),play:m=>{this.#v(m)},select:m=>this.#x(m)})}
            </div>`:d`<div class="skeleton"></div>`}
        ${this.#s===i.id&&h?this.#U(t,e,h):c}
      </article>
    `}#U(t,e,i){let o=this.#l;if(!o)return d``;let{house:r,player:n}=e,{api:a}=r;return d`
      <style>
        ${o.styles}
      </style>
      <div class="detail">
        ${o.detail({words:t,now:Date.now(),capture:i,room:r.room(i.room_id),player:n,listened:this.#o?.id===i.id?this.#o.lines:null},{seek:(l,h)=>{this.#I(l,h)},pin:l=>{this.#h(h=>h.pin(t,a,l))},unpin:l=>{this.#c(()=>a.unpin(l.id))},label:(l,h)=>{this.#N(l,h)},export:l=>{this.#b({ids:[l.id]})},remove:l=>{this.#m({ids:[l.id]})}})}
      </div>
    `}#j(t,e,i){let o=[...i],r=e.history.rooms.some(n=>_(n,"export")===null);return d`
      <div class="selection" role="toolbar" aria-label=${t.text("history.select")}>
        <span role="status">${t.count("history.selected",o.length)}</span>
        ${r?d`<button
              class="icon-button"
              aria-label=${t.text("capture.export")}
              ?disabled=${o.length===0}
              @click=${()=>{this.#b({ids:o})}}
            >
              <ha-icon .icon=${"mdi:download"}></ha-icon>
            </button>`:c}
        <button
          class="icon-button"
          aria-label=${t.text("capture.delete")}
          ?disabled=${o.length===0}
          @click=${()=>{this.#m({ids:o})}}
        >
          <ha-icon .icon=${"mdi:delete-outline"}></ha-icon>
        </button>
        <button
          class="button"
          @click=${()=>{this.selected=null}}
        >
          ${t.text("history.done")}
        </button>
      </div>
    `}#_(t){return{clear:()=>this.#T({room:null,outcomes:[],text:"",until:null},!0),retry:()=>t.history.retry(),code:()=>{this.#P()},unlock:()=>{this.#R()}}}#T(t,e=!1){let i=this.#t;if(!i)return;let o=()=>{this.#e=0,i.history.setFilter(t)};t.text!==void 0&&!e?this.#f("typing",Et,o):o()}#g(t){let e=this.#t;e&&(this.#s=this.#s===t?null:t,this.#d=t,e.history.timeline.open(this.#s),this.#s&&(this.#E(t),this.#q()),this.requestUpdate())}async#q(){try{this.#l??=await import("./history-detail.js")}catch{this.#u({code:"unreadable",values:{}})}this.requestUpdate(),await this.updateComplete,this.#y.disconnect();let t=this.renderRoot.querySelector(".detail");t&&this.#y.observe(t)}#O(){let t=this.renderRoot.querySelector(".detail"),e=this.#t?.history.timeline;t&&e&&this.#s&&(e.open(this.#s,t.offsetHeight),this.requestUpdate())}#E(t){let e=this.#t;e&&(this.#o?.id!==t&&(this.#o={id:t,lines:null}),e.house.api.listened([t]).then(i=>{this.#o?.id===t&&(this.#o={id:t,lines:i},this.requestUpdate())},()=>{}))}async#v(t){let e=this.#t?.player;await e?.toggle(t);let i=e?.error;if(!e||!i)return;i.code==="second_factor"&&await this.#P()||i.code==="capture_sealed"&&await this.#R()?await e.play(t):this.#u(i)}async#I(t,e){let i=this.#t?.player;i&&(i.id!==t||!i.length)&&await this.#v(t),i?.id===t&&i.seek(e*i.length)}#x(t){let e=new Set(this.selected);!e.delete(t)&&e.size<Q&&e.add(t),this.selected=e}async#N(t,e){let{words:i}=this,o=this.#t?.house.api;!i||!o||(t.label===e?await this.#c(()=>o.label(t.id,null)):e==="wrong_text"?await this.#h(r=>r.rightText(i,o,t)):await this.#c(()=>o.label(t.id,e)))}async#m(t){let{words:e}=this,i=this.#t?.deletion;!e||!i||(i.ask(t),await this.#h(o=>o.deleting(e,i))?this.selected=null:i.cancel())}async#b(t){let{words:e}=this,i=this.#t?.house.api;e&&i&&await this.#h(o=>o.exporting(e,async()=>{St(await i.export(t)),this.#A(e.text("export.done"))}))}async#P(){let{words:t}=this,e=this.#t;return!t||!e?!1:this.#h(i=>i.secondFactor(t,e.house.api,o=>{this.#f("code",o*1e3,()=>{e.house.refresh()}),e.history.reload(),e.house.refresh()}))}async#R(){let{words:t}=this,e=this.#t;if(!t||!e)return!1;let{house:i,history:o}=e;try{let r=(await i.api.seals()).filter(a=>a.mine);if(r.length===0)return this.#u({code:"seal_unknown",values:{}}),!1;let n=a=>t.list(a.rooms.map(l=>W(o.rooms,l)).filter(Boolean));return await this.#h(a=>a.passphrase(t,i.api,r,n,l=>{this.#r=!0,this.#f("unlocked",l*1e3,()=>this.#$()),o.reload()}))}catch(r){return this.#u(y(r)),!1}}async#B(){let t=this.#t?.house.api;this.#$(),t&&await this.#c(()=>t.lock())}#$(){let t=this.#t;this.#r&&t&&(this.#r=!1,clearTimeout(t.timers.get("unlocked")),t.player.stop(),t.history.reload())}async#c(t){try{await t()}catch(e){this.#u(y(e))}}async#h(t){let{words:e}=this;try{let i=await import("./history-questions.js"),o=this.renderRoot.querySelector("earshot-dialog");return e&&o?await o.ask(e,t(i)):!1}catch(i){return this.#u(y(i)),!1}}#z(){this.renderRoot.querySelector("earshot-dialog")?.refresh?.(),this.requestUpdate(),this.#k()}#u(t){this.words&&this.#A(this.words.error(t))}#A(t){this.#i=t,this.requestUpdate(),this.#f("notice",Pt,()=>{this.#i=null,this.requestUpdate()})}#k(){let t=this.#t?.deletion.state.kind==="waiting";this.#f("tick",t?1e3:Tt,()=>{this.requestUpdate(),this.#k()})}#f(t,e,i){let o=this.#t?.timers;o&&(clearTimeout(o.get(t)),o.set(t,setTimeout(i,e)))}#S(t){return t.timeline.between(this.#e-pt,this.#e+this.#n+pt)}#V=()=>{this.#e=this.#w?.scrollTop??0,this.#a=null,this.requestUpdate()};#F(){this.#e=0,this.#a=null,this.requestUpdate()}#K=t=>{let e=t.target.closest("article")?.dataset.id;e&&e!==this.#d&&(this.#d=e,this.requestUpdate())};#Q=t=>{let e=this.#t,i=e?.history.timeline.rows,o=t.target,r=o.closest("article")?.dataset.id;if(!e||!i||!r||t.ctrlKey||t.metaKey||t.altKey)return;let n=i.findIndex(x=>x.id===r),a=Math.max(1,Math.floor(this.#n/100)),h={ArrowDown:n+1,ArrowUp:n-1,PageDown:n+a,PageUp:n-a,Home:0,End:i.length-1}[t.key];h!==void 0?(t.preventDefault(),this.#G(e,Math.min(Math.max(h,0),i.length-1))):t.key==="Escape"&&(this.#s||this.selected)?(t.preventDefault(),t.stopPropagation(),this.#s?this.#g(this.#s):this.selected=null,this.#p=r):o.tagName==="ARTICLE"&&this.#Y(t,r)};#Y(t,e){let o={Enter:()=>this.selected?this.#x(e):this.#g(e)," ":()=>this.selected?this.#x(e):void this.#v(e),Delete:()=>{this.#m({ids:[e]})}}[t.key];o&&(t.preventDefault(),o())}#G(t,e){let{timeline:i}=t.history,o=i.rows[e];if(!o)return;let r=o.top+i.heightOf(o);o.top<this.#e?this.#e=o.top:r>this.#e+this.#n&&(this.#e=Math.min(o.top,r-this.#n)),this.#a=null,this.#d=this.#p=o.id,this.requestUpdate()}};K(wt,O);function Rt(s){return s===null||s==="second_factor"}function At(s,t){let e=setTimeout(s,t);return()=>clearTimeout(e)}function St(s){let t=URL.createObjectURL(s),e=document.createElement("a");e.href=t,e.download="earshot.zip",e.click(),setTimeout(()=>URL.revokeObjectURL(t),6e4)}export{O as HistoryElement,wt as element};
