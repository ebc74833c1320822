import{a as rt}from"./shared-lit-html-directives-repeat.js";import{a as ot,b as it,c as nt,d as st,e as $,f as P,g as at,h as lt,i as dt,k as T,l as ct}from"./shared-history-controller.js";import{a as Q,b as J,c as tt,d as I,e as et}from"./shared-i18n-en.js";import{a as G,b as l,e as c,j as m,k as y,l as Z}from"./shared-lit-html-lit-html.js";function ht(i,t,e,o){let{history:s,selected:n}=t;return l`
    ${s.phase==="list"?l`<button
          class="icon-button"
          aria-label=${i.text("history.select")}
          aria-pressed=${n.ids!==null}
          @click=${()=>n.ids?n.end():n.begin()}
        >
          <ha-icon .icon=${"mdi:checkbox-multiple-marked-outline"}></ha-icon>
        </button>`:c}
    <button
      class="icon-button"
      aria-label=${i.text("history.filter")}
      aria-expanded=${e}
      @click=${o}
    >
      <ha-icon .icon=${"mdi:filter-variant"}></ha-icon>
    </button>
  `}function pt(i,t,e){let{deeds:o,history:s,selected:n}=t,a=[...e],d=(r,h,p)=>l`<button
      class="icon-button"
      aria-label=${r}
      ?disabled=${a.length===0}
      @click=${p}
    >
      <ha-icon .icon=${h}></ha-icon>
    </button>`;return l`
    <div class="selection" role="toolbar" aria-label=${i.text("history.select")}>
      <span role="status">${i.count("history.selected",a.length)}</span>
      ${s.mayExport?d(i.text("capture.export"),"mdi:download",()=>{o.export({ids:a})}):c}
      ${d(i.text("capture.delete"),"mdi:delete-outline",()=>{o.remove({ids:a})})}
      <button class="button" @click=${()=>n.end()}>${i.text("history.done")}</button>
    </div>
  `}var ut=':host{display:block;height:100%}ha-card{container:history / inline-size;display:flex;flex-direction:column;height:100%;min-height:240px;overflow:hidden}.card-without-height{max-height:min(640px,80vh)}header{display:flex;flex:none;align-items:center;min-height:56px;padding-block:4px;padding-inline:16px 8px}h2{flex:1;min-width:0;margin:0;overflow:hidden;font-size:var(--ha-font-size-l, 16px);font-weight:500;text-overflow:ellipsis;white-space:nowrap}.note{display:flex;flex:none;gap:8px;align-items:center;padding:8px 16px;background:color-mix(in srgb,var(--earshot-text) 6%,transparent)}.note span{flex:1}.scroller{position:relative;flex:1;min-height:0;overflow:hidden auto;overscroll-behavior:contain;scrollbar-width:thin;overflow-anchor:none}.feed{position:relative}article{position:absolute;inset-inline:0;contain:layout style}article.going :is(.row,.detail){opacity:.55}h3{display:flex;align-items:center;justify-content:space-between;height:44px;margin:0;padding-block:0;padding-inline:16px 8px;color:var(--earshot-quiet);font-size:var(--ha-font-size-m, 14px);font-weight:500}.row{display:flex;align-items:center;height:80px;padding-inline:8px}.detail{padding:0 16px 16px}.row>input{margin-inline:12px 4px}.body{display:flex;flex:1;gap:12px;align-items:center;min-width:0;height:72px;padding:0 8px;border-radius:12px}.body:hover{background:color-mix(in srgb,currentcolor 5%,transparent)}.badge{display:grid;flex:none;place-items:center;width:40px;height:40px;border-radius:50%;background:color-mix(in srgb,currentcolor 14%,transparent);color:var(--earshot-quiet)}.badge.understood{color:color-mix(in srgb,var(--earshot-good) 80%,var(--earshot-text))}.badge.not_understood{color:color-mix(in srgb,var(--earshot-warn) 65%,var(--earshot-text))}.badge.failed{color:color-mix(in srgb,var(--earshot-bad) 80%,var(--earshot-text))}.texts{display:flex;flex-direction:column;min-width:0}.texts>*{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.heard{font-weight:500}.heard.none{color:var(--earshot-quiet);font-weight:400;font-style:italic}article.going .heard{text-decoration:line-through}.did,.facts{color:var(--earshot-quiet);font-size:var(--ha-font-size-s, 12px)}.did:empty{display:none}.facts ha-icon{--mdc-icon-size: 14px}.wave{display:none;flex:none;width:120px;height:32px;margin-inline:8px}.waveform{display:block;width:100%;height:100%}.bars{fill:none;stroke:color-mix(in srgb,var(--earshot-quiet) 60%,transparent);stroke-width:1.8;stroke-linecap:round}.bars.played{stroke:var(--earshot-accent)}.skeleton{display:flex;gap:12px;align-items:center;height:80px;padding-inline:16px}.skeleton:before,.skeleton:after{background:color-mix(in srgb,var(--earshot-text) 9%,transparent);content:""}.skeleton:before{width:40px;height:40px;border-radius:50%}.skeleton:after{width:60%;height:16px;border-radius:8px}.state{display:flex;flex:1;flex-direction:column;gap:8px;align-items:center;justify-content:center;padding:24px;text-align:center}.state>ha-icon{--mdc-icon-size: 40px;color:var(--earshot-quiet)}.state h3{height:auto;padding:0;color:inherit}.state p{max-width:44ch;margin:0;color:var(--earshot-quiet)}.state .reasons{width:100%}.state .note{flex-direction:column;background:none}.end{margin:0;padding:16px;color:var(--earshot-quiet);text-align:center}.fresh{flex:none;align-self:center;margin-block:4px}.toolbar{display:flex;flex:none;flex-direction:column;gap:12px;max-height:60%;padding:0 16px 12px;overflow-y:auto}.fields,.chips{display:flex;flex-wrap:wrap;gap:8px}.fields .field{flex:1 1 110px}.fields .wide{flex:1 1 100%}.chip{padding-inline:12px}.chip[aria-pressed=true],.acts .button[aria-pressed=true]{border-color:transparent;background:color-mix(in srgb,var(--earshot-accent) 20%,var(--earshot-surface))}.selection,.toast{display:flex;flex:none;gap:8px;align-items:center;min-height:56px;padding-block:6px;padding-inline:16px 8px;border-top:1px solid var(--earshot-line)}.selection>span,.toast .counting{flex:1}.toast.gone{min-height:0;padding:0;border:0}.toast [role=status]{flex:0 1 auto}@container history (width >= 440px){.wave{display:block}}';function mt(i,t){let e=t.target,o=q(e);if(!o||t.ctrlKey||t.metaKey||t.altKey)return;let{timeline:s}=i.history,n=Math.max(1,Math.floor(i.viewport.height/100)),a=s.rows.length-1,d=Rt(t.key,n,a,()=>s.rows.findIndex(h=>h.id===o)),r=d===null?Wt(i,t.key,o,e.tagName==="ARTICLE"):null;if(d!==null)i.goTo(d);else if(r)r();else return;t.preventDefault(),t.stopPropagation()}function q(i){return i?.closest("article")?.dataset.id}function Rt(i,t,e,o){let s=new Map([["ArrowDown",1],["ArrowUp",-1],["PageDown",t],["PageUp",-t],["Home",Number.NEGATIVE_INFINITY],["End",Number.POSITIVE_INFINITY]]).get(i);return s===void 0?null:Math.min(Math.max(o()+s,0),e)}function Wt(i,t,e,o){let{selected:s,opened:n,deeds:a}=i;if(t==="Escape")return n.id||s.ids?()=>i.escape(e):null;if(!o)return null;switch(t){case"Enter":return()=>i.choose(e);case" ":return()=>s.ids?s.flip(e):void a.play(e);case"Delete":return()=>{a.remove({ids:[e]})};default:return null}}var jt=40;function ft(i,t){let{words:e,capture:o,now:s,current:n}=i,a=at(e,o),d=[P(e,o.outcome),lt(o)].filter(Boolean).join(" · "),r=n?0:-1,h=[e.time(o.started),i.room,dt(e,o,s)].filter(Boolean);return l`
    ${i.selecting?l`<input
          type="checkbox"
          tabindex=${r}
          .checked=${i.selected}
          aria-label=${e.text("capture.select",{what:a})}
          @change=${t.select}
        />`:c}
    <button
      class="body"
      tabindex=${r}
      aria-expanded=${i.open}
      @click=${t.choose}
    >
      <span class="badge ${o.outcome??""}">
        <ha-icon .icon=${$(o.outcome)}></ha-icon>
      </span>
      <span class="texts">
        <span class="heard ${o.transcript?"":"none"}">${a}</span>
        <span class="did">${d}</span>
        <span class="facts">
          ${o.pin?l`<ha-icon .icon=${"mdi:pin"}></ha-icon>`:c}
          ${o.label?l`<ha-icon .icon=${"mdi:comment-alert-outline"}></ha-icon>`:c}
          ${h.join(" · ")}
        </span>
      </span>
    </button>
    ${o.peaks?l`<span class="wave">${ct(o.peaks,jt,i.played)}</span>`:c}
    ${o.audio_bytes!==null&&i.mayPlay?l`<button
          class="icon-button play"
          tabindex=${r}
          aria-label=${e.text(i.play==="playing"?"capture.pause":"capture.play",{what:a})}
          @click=${t.play}
        >
          <ha-icon .icon=${At[i.play]}></ha-icon>
        </button>`:c}
  `}var At={idle:"mdi:play",loading:"mdi:dots-horizontal",playing:"mdi:pause",paused:"mdi:play"};function yt(i,t,e){let{history:o,viewport:s}=t,{timeline:n}=o,[a,d]=s.rows(n);return l`
    <div class="scroller" @scroll=${t.scrolled}>
      <div
        class="feed"
        role="feed"
        aria-label=${i.text("history.shown")}
        aria-busy=${o.isLoading}
        style="height:${n.height}px"
        @keydown=${r=>mt(t,r)}
        @focusin=${r=>t.focused(q(r.target))}
      >
        ${rt(n.rows.slice(a,d),r=>r.id,(r,h)=>Dt(i,t,r,a+h,e))}
      </div>
      ${o.atEnd?l`<p class="end">${i.text("history.end")}</p>`:c}
    </div>
  `}function Dt(i,t,e,o,s){let{history:n,deletion:a,opened:d,viewport:r}=t,h=n.capture(e.id),p=r.current===null?o===0:r.current===e.id;return l`
    <article
      data-id=${e.id}
      class=${h&&a.takes(h)?"going":""}
      aria-posinset=${o+1}
      aria-setsize=${n.atEnd?n.timeline.rows.length:-1}
      tabindex=${p?0:-1}
      style="transform:translateY(${e.top}px)"
    >
      ${e.first?Ot(i,t,e,p,s):c}
      ${h?l`<div class="row">${Ht(i,t,h,p,s)}</div>`:l`<div class="skeleton"></div>`}
      ${d.id===e.id&&h?Lt(i,t,h,s):c}
    </article>
  `}function Ot(i,t,e,o,s){let{history:n,deeds:a}=t,d=i.day(e.started,s);return l`<h3>
    <span>${d}</span>
    ${n.filter.text?c:l`<button
          class="icon-button"
          tabindex=${o?0:-1}
          aria-label=${`${i.text("history.delete_day")}: ${d}`}
          @click=${()=>a.remove({...n.span(),...i.span(e.day)})}
        >
          <ha-icon .icon=${"mdi:delete-outline"}></ha-icon>
        </button>`}
  </h3>`}function Ht(i,t,e,o,s){let{house:n,history:a,player:d,deeds:r,opened:h,selected:p}=t,{id:u,room_id:g}=e,b=st(n.room(g),"play");return ft({words:i,now:s,capture:e,room:a.rooms.length>1?T(a.rooms,g):null,play:d.stateOf(u),played:d.id===u&&d.length?d.position/d.length:0,open:h.id===u,selected:p.has(u),selecting:p.ids!==null,current:o,mayPlay:b===null||b==="second_factor"},{choose:()=>t.choose(u),play:()=>r.play(u),select:()=>p.flip(u)})}function Lt(i,t,e,o){let{house:s,player:n,deeds:a,opened:d}=t,r=d.detail;if(!r)return l``;let h=s.room(e.room_id);return l`
    <style>
      ${r.styles}
    </style>
    <div class="detail">
      ${r.detail({words:i,now:o,capture:e,room:h,player:n,listened:d.listened},a)}
    </div>
  `}var E={empty:"mdi:ear-hearing",nothing_found:"mdi:magnify",denied:"mdi:lock-outline",no_rooms:"mdi:home-outline",no_room:"mdi:home-outline",offline:"mdi:lan-disconnect",failed:"mdi:alert-outline"};function gt(i,t,e){let{phase:o}=t;switch(o){case"list":return l``;case"loading":return l`<div class="loading" role="status">
        <span class="hidden">${i.text("loading.text")}</span>
        ${[1,2,3].map(()=>l`<div class="skeleton"></div>`)}
      </div>`;case"locked":return v("mdi:lock-outline",i.text(t.refusals.some(s=>s.reason==="second_factor")?"locked.second_factor.title":"locked.title"),l`<div class="reasons">${F(i,t,e)}</div>`);case"failed":return v(E.failed,i.text("failed.title"),l`<p>${t.reason?i.error(t.reason):c}</p>
          ${S(i.text("failed.retry"),e.retry)}`);case"nothing_found":return v(E.nothing_found,i.text("nothing_found.title"),l`<p>${i.text("nothing_found.text")}</p>
          ${S(i.text("nothing_found.clear"),e.clear)}`);case"empty":return v(E.empty,i.text("empty.title"),l`<p>${i.text(t.keepsNothing?"empty.never":"empty.text")}</p>`);default:return v(E[o],i.text(`${o}.title`),l`<p>${i.text(`${o}.text`)}</p>`)}}function F(i,t,e){return l`
    ${t.refusals.map(({reason:o,rooms:s})=>o==="second_factor"?U("mdi:lock-outline",i.text("locked.second_factor.text",{rooms:i.list(s)}),S(i.text("locked.second_factor.do"),e.code)):U("mdi:lock-outline",i.text("refused.text",{rooms:i.list(s),reason:i.error({code:o,values:{}})})))}
    ${t.sealedRooms.length>0?U("mdi:lock-outline",i.text("locked.seal.text",{rooms:i.list(t.sealedRooms)}),S(i.text("locked.seal.do"),e.unlock)):c}
  `}function U(i,t,e){return l`<div class="note">
    <ha-icon .icon=${i}></ha-icon><span>${t}</span>${e??c}
  </div>`}function v(i,t,e){return l`<div class="state" role="status">
    <ha-icon .icon=${i}></ha-icon>
    <h3>${t}</h3>
    ${e}
  </div>`}function S(i,t){return l`<button class="button filled" @click=${t}>${i}</button>`}function vt(i,t,e){let{history:o,house:s,arrivals:n}=t,{state:a}=s.view,d=o.phase==="list",r=a==="offline"||a==="failed";return l`
    ${d&&r?l`<div class="note" role="status">
          <ha-icon .icon=${"mdi:lan-disconnect"}></ha-icon>
          <span>${i.text("offline.stale")}</span>
        </div>`:c}
    ${d&&!r&&o.error?l`<div class="note" role="alert">
          <ha-icon .icon=${"mdi:alert-outline"}></ha-icon>
          <span>${i.error(o.error)}</span>
          <button class="button" @click=${e.retry}>${i.text("failed.retry")}</button>
        </div>`:c}
    ${o.complete?c:l`<div class="note" role="status">
          <span>${i.text("history.incomplete")}</span>
        </div>`}
    ${d?F(i,o,e):c}
    ${n.unseen>0?l`<button class="button filled fresh" @click=${t.toTop}>
          <ha-icon .icon=${"mdi:arrow-up"}></ha-icon>
          ${i.count("history.new",n.unseen)}
        </button>`:c}
    <span class="hidden" role="status"
      >${n.told>0?i.count("history.new",n.told):c}</span
    >
  `}function xt(i,t,e,o,s){let n=Nt(i,t,o)??e;return l`
    <div class="toast ${n?"":"gone"}">
      <span role="status">${n?Mt(i,t)??n:c}</span>
      <span aria-hidden="true" class="counting">${n&&t.kind==="waiting"?n:c}</span>
      ${t.kind==="waiting"?l`<button class="button" @click=${s}>${i.text("delete.take_back")}</button>`:c}
    </div>
  `}function Mt(i,t){return t.kind==="waiting"?l`<span class="hidden">${i.count("delete.count",t.captures)}</span>`:null}function Nt(i,t,e){switch(t.kind){case"waiting":{let o=Math.max(0,Math.ceil((t.due-e)/1e3));return i.count("delete.waiting",t.captures,{seconds:o})}case"working":return i.text("delete.working");case"done":return i.count("delete.done",t.captures);case"taken_back":return i.text("delete.taken_back");case"failed":return i.text("delete.failed",{reason:i.error(t.error)});default:return null}}function bt(i,t){let{access:e,deeds:o,history:s}=t,{filter:n,rooms:a}=s,d=r=>n.outcomes.includes(r)?n.outcomes.filter(h=>h!==r):[...n.outcomes,r];return l`
    <div class="toolbar" id="toolbar" role="search">
      <div class="fields">
        <label class="field wide">
          <span>${i.text("history.search")}</span>
          <input
            type="search"
            maxlength="200"
            autocomplete="off"
            .value=${n.text}
            @input=${r=>t.filter({text:z(r).trim()})}
          />
        </label>
        ${a.length>1?l`<label class="field">
              <span>${i.text("history.room")}</span>
              <select
                @change=${r=>t.filter({room:z(r)||null})}
              >
                <option value="" ?selected=${n.room===null}>
                  ${i.text("history.all_rooms")}
                </option>
                ${a.map(r=>l`<option value=${r.room_id} ?selected=${n.room===r.room_id}>
                      ${r.name}
                    </option>`)}
              </select>
            </label>`:c}
        <label class="field">
          <span>${i.text("history.until")}</span>
          <input
            type="date"
            .value=${n.until===null?"":i.dayKey(n.until-1)}
            @change=${r=>t.filter({until:i.endOfDay(z(r))})}
          />
        </label>
      </div>
      <div class="chips" role="group" aria-label=${i.text("history.filter")}>
        ${Z.map(r=>l`<button
              class="button outlined chip"
              aria-pressed=${n.outcomes.includes(r)}
              @click=${()=>t.filter({outcomes:d(r)})}
            >
              <ha-icon .icon=${$(r)}></ha-icon>${P(i,r)}
            </button>`)}
      </div>
      <div class="chips">
        <button class="button outlined" @click=${o.removeShown}>
          <ha-icon .icon=${"mdi:delete-outline"}></ha-icon>${i.text("history.delete_shown")}
        </button>
        ${s.mayExport?l`<button class="button outlined" @click=${o.exportShown}>
              <ha-icon .icon=${"mdi:download"}></ha-icon>${i.text("history.export_shown")}
            </button>`:c}
        ${e.unlocked?l`<button class="button outlined" @click=${e.lock}>
              <ha-icon .icon=${"mdi:lock"}></ha-icon>${i.text("history.lock")}
            </button>`:c}
      </div>
    </div>
  `}function z(i){return i.target.value}var kt=500,_=class{unlocked=!1;#t;constructor(t){this.#t=t}giveCode=()=>{let{house:t,history:e,timers:o}=this.#t;return this.#t.ask((s,n)=>s.secondFactor(n,t.api,a=>{o.after("code",a*1e3+kt,()=>{t.refresh()}),e.reload(),t.refresh()}))};unlock=async()=>{let{house:t,history:e,timers:o,notice:s}=this.#t,n=!1;return await s.attempt(async()=>{let a=(await t.api.seals()).filter(d=>d.mine);if(a.length===0)throw new m("seal_unknown");n=await this.#t.ask((d,r)=>{let h=p=>r.list(p.rooms.map(u=>T(e.rooms,u)).filter(Boolean));return d.passphrase(r,t.api,a,h,p=>{this.unlocked=!0,o.after("unlocked",p*1e3+kt,()=>this.locked()),e.reload()})})}),n};lock=async()=>{await this.#t.notice.attempt(()=>this.#t.house.api.lock()),this.locked()};locked(){this.unlocked&&(this.unlocked=!1,this.#t.timers.end("unlocked"),this.#t.quiet(),this.#t.history.reload())}};var B=6e3,R=class{text=null;#t;#e;#i;constructor(t,e,o){this.#t=t,this.#e=e,this.#i=o}tell(t){this.text=t,this.#i(),t!==null&&this.#e.after("notice",B,()=>this.tell(null))}fail=t=>{this.tell(this.#t()?.error(y(t))??null)};async attempt(t){try{await t()}catch(e){this.fail(e)}}};var W=class{unseen=0;told=0;#t=0;#e;#i;constructor(t,e){this.#e=t,this.#i=e}take(t,e){let o=t-this.#t;this.#t=t,this.unseen=e||o<0?0:this.unseen+o,o>0&&(this.told+=o,this.#e.after("arrivals",B,()=>{this.told=0,this.#i()}))}};function wt(i,t,e){return async o=>{try{let s=await import("./history-questions.js"),n=i(),a=t();return n&&a?await a.ask(n,o(s,n)):!1}catch(s){return e(s),!1}}}var j=class{#t;constructor(t){this.#t=t}async play(t){let{player:e,access:o,notice:s}=this.#t;await e.toggle(t);let{error:n}=e;if(!n)return;n.code==="second_factor"&&await o.giveCode()||n.code==="capture_sealed"&&await o.unlock()?await e.play(t):s.fail(n)}async seek(t,e){let{player:o}=this.#t;(o.id!==t||!o.length)&&await this.play(t),o.id===t&&o.seek(e*o.length)}async pin(t){await this.#t.ask((e,o)=>e.pin(o,this.#t.api,t))}async unpin({id:t}){await this.#t.notice.attempt(()=>this.#t.api.unpin(t))}async label(t,e){let{api:o,ask:s,notice:n}=this.#t;e==="wrong_text"&&t.label!==e?await s((a,d)=>a.rightText(d,o,t)):await n.attempt(()=>o.label(t.id,t.label===e?null:e))}async remove(t){let{deletion:e,ask:o}=this.#t;e.ask(t),await o((s,n)=>s.deleting(n,e))?this.#t.agreed():e.cancel()}async export(t){let{api:e,ask:o,notice:s,save:n}=this.#t;await o((a,d)=>a.exporting(d,async()=>{n(await e.export(t)),s.tell(d.text("export.done"))}))}removeShown=()=>this.#e(t=>this.remove(t));exportShown=()=>this.#e(t=>this.export(t));#e(t){let{history:e,notice:o}=this.#t;return o.attempt(async()=>t(await e.shown()))}};var K=10,Ct=18e4,It=6e3,x={kind:"none"},A=class{state=x;#t;#e;#i;#o=0;#s=null;constructor(t,e,o){this.#t=t,this.#e=e,this.#i=o}async ask(t,e=!1){let o=this.#n({kind:"counting",what:t,withPinned:e});try{let s=await this.#t.count({...t,pinned:e});o===this.#o&&this.#n({kind:"asking",what:t,withPinned:e,count:s})}catch(s){o===this.#o&&this.#r({kind:"failed",error:y(s)})}}cancel(){(this.state.kind==="counting"||this.state.kind==="asking")&&this.#n(x)}async agree(){let{state:t}=this;if(t.kind!=="asking"||t.count.captures===0)return;let{what:e,withPinned:o,count:s}=t,n=this.#n({kind:"counting",what:e,withPinned:o});try{let a=await this.#t.remove({...e,pinned:o,until:s.until},s.captures,K);if(n!==this.#o)return;let{deletion_id:d,captures:r}=a;this.#n({kind:"waiting",what:e,id:d,captures:r,due:Date.now()+K*1e3}),this.#a(K*1e3,()=>{this.#n({kind:"working",what:e,id:d,captures:r}),this.#a(Ct,()=>this.#r({kind:"failed",error:new m("timeout")}))})}catch(a){let d=y(a);throw n===this.#o&&(d.code==="count_changed"?await this.ask(e,o):this.#n({kind:"asking",what:e,withPinned:o,count:s})),d}}async undo(){let{state:t}=this;if(t.kind==="waiting")try{await this.#t.undo(t.id),this.#r({kind:"taken_back"})}catch(e){let o=y(e);o.code!=="deletion_over"&&this.#r({kind:"failed",error:o})}}take(t){let{state:e}=this;t.event!=="deletion"||e.kind!=="waiting"&&e.kind!=="working"||e.id!==t.deletion_id||this.#r(t.error===null?{kind:"done",captures:t.captures??e.captures}:{kind:"failed",error:new m(t.error)})}lost(){this.state.kind!=="none"&&this.#n(x)}stop(){this.#o+=1,this.#s?.(),this.#s=null,this.state=x}takes(t){let{state:e}=this;if(e.kind!=="waiting"&&e.kind!=="working")return!1;let{ids:o,rooms:s,since:n,until:a,outcomes:d}=e.what;return(!o||o.includes(t.id))&&(!s||s.includes(t.room_id))&&(n===void 0||t.started>=n)&&(a===void 0||t.started<a)&&(!d||d.some(r=>r===t.outcome))}#n(t){return this.#s?.(),this.#s=null,this.state=t,this.#o+=1,this.#e(),this.#o}#r(t){this.#n(t),this.#a(It,()=>this.#n(x))}#a(t,e){this.#s=this.#i(e,t)}};var D=class{id=null;detail=null;listened=null;#t;#e=!1;constructor(t){this.#t=t}toggle(t,e){this.id=this.id===t?null:t,this.listened=null,this.#e=!0,e.open(this.id),this.id&&(this.#o(this.id),this.#i()),this.#t.changed()}keepTo(t){this.id&&!t.has(this.id)&&(this.id=null)}take(t){t.event==="listened"&&this.id&&this.#o(this.id)}measured(t,e){if(!this.id||t===0)return!1;let o=this.#e;return this.#e=!1,e.open(this.id,t),o}async#i(){try{this.detail??=await this.#t.load(),this.#t.changed()}catch{this.#t.failed(new m("unreadable"))}}#o(t){this.#t.api.listened([t]).then(e=>{this.id===t&&(this.listened=e,this.#t.changed())},()=>{})}};var O=class{state="idle";id=null;error=null;#t;#e;#i=null;#o=null;#s=null;constructor(t,e){this.#t=t,this.#e=e}get position(){return this.#o?this.#i?.currentTime??0:0}get length(){let t=this.#o?this.#i?.duration??0:0;return Number.isFinite(t)?t:0}stateOf(t){return this.id===t?this.state:"idle"}async toggle(t){this.id!==t||!this.#o?await this.play(t):this.state==="playing"?this.#i?.pause():await this.#n()}async play(t){this.stop(),this.id=t,this.state="loading",this.#e();let e=new AbortController;this.#s=e;try{let o=await this.#t.fetch(t,e.signal);if(e.signal.aborted)return;this.#o=this.#t.address(o),this.#i??=this.#a(this.#t.audio()),this.#i.src=this.#o}catch(o){e.signal.aborted||this.#r(y(o));return}await this.#n()}seek(t){this.#i&&this.#o&&(this.#i.currentTime=Math.min(Math.max(t,0),this.length||t),this.#e())}stop(){this.#s?.abort(),this.#s=null,this.#i?.pause(),this.#o&&(this.#t.revoke(this.#o),this.#o=null),this.id=null,this.state="idle",this.error=null,this.#e()}async#n(){try{await this.#i?.play()}catch(t){t instanceof DOMException&&t.name==="AbortError"||this.#r(new m("not_playable"))}}#r(t){let{id:e}=this;this.stop(),this.id=e,this.error=t,this.#e()}#a(t){let e=o=>()=>{this.#o&&(this.state=o,this.#e())};return t.addEventListener("playing",e("playing")),t.addEventListener("pause",e("paused")),t.addEventListener("ended",e("paused")),t.addEventListener("durationchange",()=>this.#e()),t.addEventListener("timeupdate",()=>this.#e()),t}};var H=class{ids=null;#t;constructor(t){this.#t=t}has(t){return this.ids?.has(t)??!1}begin(){this.#e(new Set)}end(){this.#e(null)}flip(t){let e=new Set(this.ids);!e.delete(t)&&e.size<ot&&e.add(t),this.#e(e)}#e(t){this.ids=t,this.#t()}};var L=class{top=0;height=800;current=null;focus=null;#t=0;#e=null;rows(t){return t.between(this.top-400,this.top+this.height+400)}nearsEnd(t){return t.height-this.top-this.height<2e3}go(t){this.#t=t}show(t,e){let o=t.top+e.heightOf(t);t.top<this.top?this.go(t.top):o>this.top+this.height&&this.go(Math.min(t.top,o-this.height))}letGo(){this.#e=null}willDraw(t,e){this.current&&!t.has(this.current)&&(this.current=null),this.top=this.#t??e;let o=this.#e&&t.row(this.#e.id);if(this.#e&&o&&this.#t===null&&this.top>0){let s=o.top-this.#e.top;s!==0&&(this.#t=this.top+=s)}}drawn(t,e){this.#t!==null&&(e.scrollTop=this.#t,this.#t=null),this.top=e.scrollTop,this.height=e.clientHeight;let o=t.rows.slice(...this.rows(t)).find(s=>s.top>=this.top);this.#e=o?{id:o.id,top:o.top}:null}};var qt=3e4,Ut=300,M=class{house;history;player;deletion;access;notice;deeds;opened;selected;arrivals;viewport=new L;#t;#e;#i;constructor(t,e,o,s=Q){let{changed:n,save:a,words:d,dialog:r}=e,{api:h}=t,p=new J(s),u=new R(d,p,n),g=wt(d,r,u.fail),b=(f,St)=>h.sound(f,St),k=new O({...e.sounds,fetch:b},n),$t=f=>d()?.dayKey(f)??"",N=new nt(t,$t,n,s,o),w=new A(h,()=>this.#s(),s),Pt=()=>k.stop(),C=new _({house:t,history:N,timers:p,notice:u,ask:g,quiet:Pt}),V=new H(n),Tt={api:h,history:N,player:k,deletion:w,access:C,notice:u,ask:g,save:a,agreed:()=>V.end()};this.deeds=new j(Tt);let Et=()=>import("./history-detail.js"),Y=new D({api:h,load:Et,failed:u.fail,changed:n});this.arrivals=new W(p,n),this.#i=t.listen({event:f=>{w.take(f),Y.take(f)},changed:({state:f})=>{f==="offline"&&(w.lost(),k.stop(),C.locked())}}),this.#e=p,this.#t=e,this.house=t,this.history=N,this.player=k,this.deletion=w,this.access=C,this.notice=u,this.selected=V,this.opened=Y,this.#n()}stop(){this.history.stop(),this.deletion.stop(),this.player.stop(),this.#i(),this.#e.stop()}filter=t=>{if(t.text){this.#e.after("typing",Ut,()=>this.#o(t));return}t.text===""&&this.#e.end("typing"),this.#o(t)};choose(t){this.selected.ids?this.selected.flip(t):(this.viewport.current=t,this.opened.toggle(t,this.history.timeline))}escape(t){this.viewport.focus=t,this.opened.id?this.opened.toggle(this.opened.id,this.history.timeline):this.selected.end()}focused(t){t&&t!==this.viewport.current&&(this.viewport.current=t,this.#t.changed())}goTo(t){let{timeline:e}=this.history,o=e.rows[t];o&&(this.viewport.current=this.viewport.focus=o.id,this.viewport.show(o,e),this.#t.changed())}scrolled=()=>{this.viewport.letGo(),this.#t.changed()};measured(t){let{timeline:e}=this.history,o=this.opened.measured(t,e)&&e.row(this.opened.id??"");o&&this.viewport.show(o,e),this.#t.changed()}toTop=()=>{this.viewport.go(0),this.#t.changed()};willDraw(t){let{timeline:e,came:o}=this.history;this.opened.keepTo(e),this.viewport.willDraw(e,t),this.arrivals.take(o,this.viewport.top===0)}drawn(t){let{history:e,viewport:o}=this,{timeline:s}=e;o.drawn(s,t),e.mend(...o.rows(s)),o.nearsEnd(s)&&e.more()}#o(t){this.viewport.go(0),this.history.setFilter(t)}#s(){this.#t.dialog()?.refresh?.(),this.#t.changed(),this.#n()}#n(){let t=this.deletion.state.kind==="waiting";this.#e.after("tick",t?1e3:qt,()=>{this.#t.changed(),this.#n()})}};var Ft="earshot-history",zt=6e4,X=class extends I{static styles=[tt,G(ut)];static properties={...I.properties,config:{state:!0},filtering:{state:!0}};layout;preview=!1;#t=null;#e=null;#i=new ResizeObserver(()=>{this.#e&&this.#t?.measured(this.#e.offsetHeight)});constructor(){super(),this.config=null,this.filtering=!1}setConfig(t){this.config=t,this.#t&&(this.#t.history.device=t.device??null)}enter(t){let e={sounds:{audio:()=>new Audio,address:o=>URL.createObjectURL(o),revoke:o=>URL.revokeObjectURL(o)},words:()=>this.words,dialog:()=>this.renderRoot.querySelector("earshot-dialog"),save:Kt,changed:()=>this.requestUpdate()};this.#t=new M(t,e,this.config?.device),this.words&&this.#t.history.start()}leave(){this.#t?.stop(),this.#t=null}willUpdate(t){let e=this.#t;e&&t.has("words")&&e.history.start(),e?.willDraw(this.#o?.scrollTop??0)}render(){let{words:t,config:e}=this,o=this.#t;if(!o||!t)return l`<ha-card></ha-card>`;let{history:s,deletion:n,selected:a,notice:d}=o,r=Bt(o),h=Date.now();return l`
      <ha-card class=${this.layout==="grid"?"":"card-without-height"}>
        <header>
          <h2>${e?.title||this.#s(t,o)}</h2>
          ${s.rooms.length>0?ht(t,o,this.filtering,this.#n):c}
        </header>
        ${this.filtering?bt(t,o):c}
        ${vt(t,o,r)}
        ${s.phase==="list"?yt(t,o,h):gt(t,s,r)}
        ${a.ids?pt(t,o,a.ids):c}
        ${xt(t,n.state,d.text,h,()=>{n.undo()})}
      </ha-card>
      <earshot-dialog></earshot-dialog>
    `}updated(){let t=this.#t,e=this.#o;if(!t||!e)return;t.drawn(e);let{viewport:o,opened:s}=t;if(o.focus){let a=this.renderRoot.querySelector(`[data-id="${o.focus}"]`);a&&(o.focus=null,a.focus({preventScroll:!0}))}let n=s.id?this.renderRoot.querySelector(".detail"):null;n!==this.#e&&(this.#e=n,this.#i.disconnect(),n&&this.#i.observe(n))}get#o(){return this.renderRoot.querySelector(".scroller")}#s(t,{history:e}){let[o]=e.rooms;return this.config?.device&&o?o.name:t.text("history.title")}#n=()=>{this.filtering=!this.filtering}};et(Ft,X);function Bt({history:i,access:t,filter:e}){return{clear:()=>e(it),retry:()=>i.retry(),code:t.giveCode,unlock:t.unlock}}function Kt(i){let t=URL.createObjectURL(i),e=document.createElement("a");e.href=t,e.download="earshot.zip",e.click(),setTimeout(()=>URL.revokeObjectURL(t),zt)}export{X as HistoryElement,Ft as element};
